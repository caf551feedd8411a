import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../../src/ir/tensor.js';
import type { DType } from '../../../../src/ir/dtype.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { prepare } from '../../../../src/runtime/executor.js';
import { FLOAT_KERNELS } from '../../../../src/runtime/float/index.js';
import { contribModel, integerDifferences, runContrib, type ContribNode } from '../../../support/contrib-node.js';
import { describeDifference } from '../../../support/onnx-node-tests.js';
import { integerTensor } from '../../../support/integer-tensors.js';

type Byte = 'int8' | 'uint8';

/** Bytes of the whole range with scale and zero point. */
const quantised = (dtype: Byte, dims: readonly number[], scale: number, zero: number, seed: number): Tensor[] => [
  dtype === 'uint8' ? integerTensor(dtype, dims, seed, 255) : integerTensor(dtype, dims, seed, 127),
  Tensor.float32([], [scale]),
  point(dtype, zero),
];
const point = (dtype: Byte, zero: number): Tensor =>
  dtype === 'uint8' ? new Tensor(dtype, [], Uint8Array.of(zero)) : new Tensor(dtype, [], Int8Array.of(zero));
const scale = (value: number): Tensor => Tensor.float32([], [value]);

interface Row {
  readonly title: string;
  readonly node: ContribNode;
  readonly ops: readonly string[];
}

const rows = (['uint8', 'int8'] as const).flatMap((dtype): Row[] => {
  const result: DType = dtype;
  const zero = dtype === 'uint8' ? 121 : -7;
  const a = quantised(dtype, [2, 6, 5, 7], 0.037, zero, 1);
  const b = quantised(dtype, [6, 1, 7], 0.021, zero + 3, 2);
  const to = [scale(0.043), point(dtype, zero + 1)];
  const positive = [scale(1 / 256), point(dtype, dtype === 'uint8' ? 0 : -128)];
  const one = (title: string, op: string, inner: string, inputs: readonly Tensor[], attributes = {}): Row => ({
    title: `${dtype} ${title}`,
    node: { op, inputs, attributes, result },
    ops: ['DequantizeLinear', inner, 'QuantizeLinear'],
  });
  return [
    {
      ...one('sum', 'QLinearAdd', 'Add', [...a, ...b, ...to]),
      ops: ['DequantizeLinear', 'DequantizeLinear', 'Add', 'QuantizeLinear'],
    },
    {
      ...one('product', 'QLinearMul', 'Mul', [...a, ...b, ...to]),
      ops: ['DequantizeLinear', 'DequantizeLinear', 'Mul', 'QuantizeLinear'],
    },
    one('sigmoid', 'QLinearSigmoid', 'Sigmoid', [...a, ...positive]),
    one('leaky rectifier', 'QLinearLeakyRelu', 'LeakyRelu', [...a, ...to], { alpha: { float: 0.3 } }),
    one('average pool', 'QLinearAveragePool', 'AveragePool', [...a, ...to], {
      kernel_shape: { ints: [3, 2] },
      strides: { ints: [2, 1] },
      pads: { ints: [1, 0, 1, 1] },
    }),
    one('average pool that counts its padding', 'QLinearAveragePool', 'AveragePool', [...a, ...to], {
      kernel_shape: { ints: [3, 2] },
      pads: { ints: [1, 0, 1, 1] },
      count_include_pad: { int: 1 },
    }),
    one('global average pool', 'QLinearGlobalAveragePool', 'GlobalAveragePool', [...a, scale(0.003), to[1]!], {
      channels_last: { int: 0 },
    }),
    one('softmax', 'QLinearSoftmax', 'Softmax', [...a, ...positive], { axis: { int: -1 }, opset: { int: 13 } }),
    one('softmax of an early opset', 'QLinearSoftmax', 'Softmax', [...a, ...positive], {
      axis: { int: 3 },
      opset: { int: 11 },
    }),
    {
      ...one(
        'joined tensors',
        'QLinearConcat',
        'Concat',
        [...to, ...a, ...quantised(dtype, [2, 3, 5, 7], 0.02, zero, 3)],
        {
          axis: { int: 1 },
        },
      ),
      ops: ['DequantizeLinear', 'DequantizeLinear', 'Concat', 'QuantizeLinear'],
    },
  ];
});

describe('quantised operators of ONNX Runtime', () => {
  it.each(rows.map((row) => [row.title, row] as const))('%s', async (_, { node, ops }) => {
    const results = await runContrib(node);
    expect(results.ops).toEqual(ops);
    expect(results.texts).toEqual([
      `${node.op} of com.microsoft: it is spelt out as dequantisation, the float operator and quantisation`,
    ]);
    // The fused kernels scale once where the sequence divides: quotients next to a tie fall to its other side.
    for (const other of [results.original, results.rewritten]) {
      const { count, most } = integerDifferences(results.own, other);
      expect(most).toBeLessThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(0.01 * results.own.size);
    }
  });

  // ONNX Runtime itself ends without a word when a zero point between other inputs is left out.
  it('a zero point that is left out is 0 of the type of the data', () => {
    const x = new Tensor('int8', [3], Int8Array.of(-100, 0, 50));
    const inputs = [x, scale(0.5), undefined, scale(0.5)];
    const attributes = { alpha: { float: 0.5 } };
    const { graph } = importModel(contribModel({ op: 'QLinearLeakyRelu', inputs, attributes, result: 'int8' }));
    const feeds = new Map(inputs.flatMap((tensor, i) => (tensor === undefined ? [] : [[`x${i}`, tensor] as const])));
    const result = prepare(graph, FLOAT_KERNELS).run(feeds).get('y');
    expect(result?.dtype).toBe('int8');
    expect(result?.toNumbers()).toEqual([-50, 0, 50]);
  });

  const last = { channels_last: { int: 1 } };
  it.each([
    ['QLinearGlobalAveragePool', last],
    ['QLinearAveragePool', { ...last, kernel_shape: { ints: [2, 3] }, pads: { ints: [1, 0, 0, 2] } }],
  ] as const)('%s with the channels last is transposed before and after', async (op, attributes) => {
    const inputs = [...quantised('uint8', [2, 4, 5, 3], 0.037, 121, 1), scale(0.021), point('uint8', 119)];
    const { original, own, rewritten, ops } = await runContrib({ op, inputs, attributes, result: 'uint8' });
    const inner = op.replace('QLinear', '');
    expect(ops).toEqual(['Transpose', 'DequantizeLinear', inner, 'QuantizeLinear', 'Transpose']);
    for (const other of [original, rewritten]) {
      const { count, most } = integerDifferences(own, other);
      // As above: a quotient next to a tie may fall to its other side.
      expect(most).toBeLessThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(0.02 * own.size);
    }
  });

  it.each([
    ['several axes as one', 1, ['DequantizeLinear', 'Flatten', 'Softmax', 'Reshape', 'QuantizeLinear']],
    ['the last axis', -1, ['DequantizeLinear', 'Softmax', 'QuantizeLinear']],
  ] as const)('QLinearSoftmax before opset 13 takes %s', async (_, axis, expected) => {
    const inputs = [...quantised('uint8', [2, 3, 4], 0.02, 3, 1), scale(1 / 256), point('uint8', 0)];
    const attributes = { axis: { int: axis }, opset: { int: 11 } };
    const { original, own, ops } = await runContrib({ op: 'QLinearSoftmax', inputs, attributes, result: 'uint8' });
    expect(ops).toEqual(expected);
    // ONNX Runtime takes exponentials from a table of float32: a quotient next to a tie may fall to its other side.
    expect(integerDifferences(own, original).most).toBeLessThanOrEqual(1);
  });

  it.each(['uint8', 'int8'] as const)(
    'QLinearWhere chooses between tensors of %s with scales of their own',
    async (dtype) => {
      const condition = new Tensor('bool', [3, 1], Uint8Array.of(1, 0, 1));
      const a = quantised(dtype, [2, 3, 4], 0.037, 5, 1);
      const b = quantised(dtype, [4], 0.021, 9, 2);
      const inputs = [condition, ...a, ...b, scale(0.05), point(dtype, 3)];
      const { original, own, ops } = await runContrib({ op: 'QLinearWhere', inputs, result: dtype });
      expect(ops).toEqual(['DequantizeLinear', 'DequantizeLinear', 'Where', 'QuantizeLinear']);
      expect(describeDifference(own, original)).toBeUndefined();
    },
  );

  const bias = integerTensor('int32', [5], 9, 2000);
  const perColumn = Tensor.float32([5], [0.01, 0.02, 0.004, 0.03, 0.011]);
  it.each([
    ['as it is', {}, [4, 6], [6, 5], scale(0.013), bias, true],
    ['transposed', { transA: { int: 1 }, transB: { int: 1 } }, [6, 4], [5, 6], scale(0.013), bias, true],
    ['of scales per column', { alpha: { float: 0.75 } }, [4, 6], [6, 5], perColumn, undefined, true],
    ['to real numbers', { alpha: { float: 1.5 } }, [4, 6], [6, 5], perColumn, bias, false],
  ] as const)('QGemm %s is exact', async (_, attributes, a, b, bScale, c, quantises) => {
    const [x, xScale, xZero] = quantised('uint8', a, 0.02, 120, 5);
    const w = integerTensor('int8', b, 6, 127);
    const wZero = new Tensor('int8', bScale.dims, new Int8Array(bScale.size).fill(2));
    const end = quantises ? [scale(0.31), point('uint8', 99)] : [];
    const inputs = [x, xScale, xZero, w, bScale, wZero, c, ...end];
    const { original, own, rewritten } = await runContrib({
      op: 'QGemm',
      inputs,
      attributes,
      result: quantises ? 'uint8' : 'float32',
    });
    for (const other of [original, rewritten]) {
      expect(describeDifference(own, other, { rtol: quantises ? 0 : 1e-6, atol: 0 })).toBeUndefined();
    }
  });

  it('QuantizeLinear and DequantizeLinear of 16 bits are the standard ones', async () => {
    const x = Tensor.float32([4], [-3.5, 0.2, 7, 1e6]);
    const down = await runContrib({
      op: 'QuantizeLinear',
      inputs: [x, scale(0.001), new Tensor('uint16', [], Uint16Array.of(4000))],
      result: 'uint16',
    });
    expect(down.ops).toEqual(['QuantizeLinear']);
    expect(describeDifference(down.own, down.original)).toBeUndefined();
    const up = await runContrib({
      op: 'DequantizeLinear',
      inputs: [down.own, scale(0.001), new Tensor('uint16', [], Uint16Array.of(4000))],
    });
    expect(describeDifference(up.own, up.original, { rtol: 0, atol: 0 })).toBeUndefined();
  });
});
