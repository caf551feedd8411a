import { describe, expect, it } from 'vitest';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { uniformSource } from '../../../../src/ir/random.js';
import type { Tensor } from '../../../../src/ir/tensor.js';
import { contribModel, runContrib, type ContribNode } from '../../../support/contrib-node.js';
import { build } from '../../../support/naive-tensor.js';
import { describeDifference } from '../../../support/onnx-node-tests.js';

const uniform = (dims: readonly number[], seed: number): Tensor => {
  const next = uniformSource(seed);
  return build('float32', dims, () => 2 * next());
};
const x = uniform([2, 3, 4, 5], 1);
const conv = [x, uniform([6, 3, 3, 3], 2), uniform([6], 3)];
const kernel = { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 1, 1, 1] } };

const rows: readonly (readonly [ops: readonly string[], node: ContribNode])[] = [
  [['Gelu'], { op: 'Gelu', inputs: [x] }],
  [['Add', 'Gelu'], { op: 'BiasGelu', inputs: [x, uniform([5], 2)] }],
  [['Gelu'], { op: 'FastGelu', inputs: [x] }],
  [['Add', 'Gelu'], { op: 'FastGelu', inputs: [x, uniform([5], 2)] }],
  [['Mul', 'Sigmoid', 'Mul'], { op: 'QuickGelu', inputs: [x] }],
  [['Mul', 'Sigmoid', 'Mul'], { op: 'QuickGelu', inputs: [x], attributes: { alpha: { float: 0.5 } } }],
  [['MatMul'], { op: 'FusedMatMul', inputs: [x, uniform([5, 6], 2)] }],
  [
    ['Transpose', 'Transpose', 'MatMul', 'Mul'],
    {
      op: 'FusedMatMul',
      inputs: [x, uniform([2, 3, 6, 4], 2)],
      attributes: { transA: { int: 1 }, transB: { int: 1 }, alpha: { float: 0.125 } },
    },
  ],
  [
    ['Transpose', 'Transpose', 'MatMul'],
    {
      op: 'FusedMatMul',
      inputs: [uniform([4, 2, 3, 5], 1), uniform([5, 2, 3, 6], 2)],
      attributes: { transBatchA: { int: 1 }, transBatchB: { int: 1 } },
    },
  ],
  [
    ['Transpose', 'Transpose', 'MatMul'],
    {
      op: 'FusedMatMul',
      inputs: [uniform([5, 2, 4], 1), uniform([6, 2, 5], 2)],
      attributes: { transBatchA: { int: 1 }, transBatchB: { int: 1 }, transA: { int: 1 }, transB: { int: 1 } },
    },
  ],
  [['Conv'], { op: 'FusedConv', inputs: conv, attributes: kernel }],
  [['Conv', 'Relu'], { op: 'FusedConv', inputs: conv, attributes: { ...kernel, activation: { string: 'Relu' } } }],
  [
    ['Conv', 'Add', 'Relu'],
    {
      op: 'FusedConv',
      inputs: [...conv, uniform([2, 6, 4, 5], 4)],
      attributes: { ...kernel, activation: { string: 'Relu' } },
    },
  ],
  ...(
    [
      ['LeakyRelu', [0.3]],
      ['HardSigmoid', [0.3, 0.4]],
      ['Clip', [-0.5, 0.75]],
      ['Sigmoid', []],
      ['Tanh', []],
    ] as const
  ).map(
    ([name, parameters]) =>
      [
        ['Conv', name],
        {
          op: 'FusedConv',
          inputs: conv,
          attributes: {
            ...kernel,
            activation: { string: name },
            ...(parameters.length > 0 && { activation_params: { floats: parameters } }),
          },
        },
      ] as const,
  ),
  [
    ['Gemm', 'LeakyRelu'],
    {
      op: 'FusedGemm',
      inputs: [uniform([3, 4], 1), uniform([5, 4], 2), uniform([5], 3)],
      attributes: {
        transB: { int: 1 },
        alpha: { float: 0.5 },
        activation: { string: 'LeakyRelu' },
        activation_alpha: { float: 0.2 },
      },
    },
  ],
];

describe('fused operators of ONNX Runtime', () => {
  it.each(rows.map(([ops, node]) => [node.op, ops.join(', '), node] as const))(
    '%s becomes %s',
    async (_, ops, node) => {
      const results = await runContrib(node);
      expect(results.ops.join(', ')).toBe(ops);
      // ONNX Runtime sums up to 27 products of at most 4 each in float32, in another order, and approximates exp and erf.
      const tolerance = { rtol: 1e-5, atol: 2e-5 };
      expect(describeDifference(results.own, results.original, tolerance)).toBeUndefined();
      expect(describeDifference(results.rewritten, results.original, tolerance)).toBeUndefined();
    },
  );

  it('an activation that is not known is refused', () => {
    const attributes = { ...kernel, activation: { string: 'Mish' } };
    expect(() => importModel(contribModel({ op: 'FusedConv', inputs: conv, attributes }))).toThrow(
      'attribute activation of com.microsoft.FusedConv is "Mish", accepted: Relu',
    );
  });

  it('other operators of the domain are refused', () => {
    expect(() => importModel(contribModel({ op: 'SkipLayerNormalization', inputs: [x, x, uniform([5], 1)] }))).toThrow(
      "the operator SkipLayerNormalization of domain 'com.microsoft' is not supported",
    );
  });
});
