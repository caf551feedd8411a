import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { OperatorFault } from '../../../src/ir/ops/operator.js';
import { uniformSource } from '../../../src/ir/random.js';
import type { Tensor } from '../../../src/ir/tensor.js';
import { NN_KERNELS } from '../../../src/runtime/float/nn.js';
import { integerTensor } from '../../support/integer-tensors.js';
import { build } from '../../support/naive-tensor.js';
import {
  autoPadArbitrary,
  axesArbitrary,
  extent,
  resolveAxis,
  windowAttributes,
  type DeclaredAxis,
} from '../../support/naive-windows.js';
import { runNodeInOrt } from '../../support/one-node.js';
import { describeDifference } from '../../support/onnx-node-tests.js';
import { infer, run, type AttributeInputs } from '../../support/run-operator.js';

function uniform(dims: readonly number[], seed: number, positive = false): Tensor {
  const next = uniformSource(seed);
  return build('float32', dims, () => (positive ? 1 + next() / 2 : next()));
}

/** ONNX Runtime accumulates in float32: some hundred terms of at most 1 each lose at most this much. */
const TOLERANCE = { rtol: 1e-5, atol: 2e-5 };

interface Case {
  readonly op: string;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attrs: AttributeInputs;
  readonly outputs?: number;
}

async function compare({ op, inputs, attrs, outputs = 1 }: Case): Promise<void> {
  const spec = OPERATORS.get(op)!;
  const results = run(spec, NN_KERNELS, inputs, attrs, outputs);
  const expected = await runNodeInOrt(op, inputs, attrs, results.map(({ dtype }) => dtype)); // prettier-ignore
  for (const [i, result] of results.entries()) {
    expect(describeDifference(result, expected[i]!, TOLERANCE)).toBeUndefined();
  }
}

/** Whether quantc takes the call, which then must agree with ONNX Runtime. */
function accepted({ op, inputs, attrs, outputs = 1 }: Case): boolean {
  try {
    infer(OPERATORS.get(op)!, inputs, attrs, outputs);
    return true;
  } catch (error) {
    if (error instanceof OperatorFault) return false;
    throw error;
  }
}

/** Runs random cases until `wanted` of them have been compared. */
async function sample(cases: fc.Arbitrary<Case>, seed: number, wanted: number): Promise<void> {
  const usable = fc
    .sample(cases, { seed, numRuns: 4 * wanted })
    .filter(accepted)
    .slice(0, wanted);
  expect(usable).toHaveLength(wanted);
  for (const one of usable) await compare(one);
}

const spatial = (axes: readonly DeclaredAxis[]): number[] => axes.map(({ input }) => input);
const kernel = (axes: readonly DeclaredAxis[]): number[] => axes.map((axis) => axis.kernel);
/** ONNX Runtime refuses dilations under SAME. */
const undilated = (axes: readonly DeclaredAxis[], autoPad: string): DeclaredAxis[] =>
  axes.map((axis) => ({ ...axis, dilation: autoPad.startsWith('SAME') ? 1 : axis.dilation }));

const shapes = fc.record({
  axes: axesArbitrary,
  autoPad: autoPadArbitrary,
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 2 }),
  channels: fc.integer({ min: 1, max: 3 }),
  filters: fc.integer({ min: 1, max: 5 }),
  flags: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  seed: fc.nat(1000),
});

describe('agreement with ONNX Runtime', () => {
  it('Conv', async () => {
    const cases = shapes.map(({ axes: given, autoPad, batch, group, channels, filters, flags, seed }): Case => {
      const axes = undilated(given, autoPad);
      const x = uniform([batch, channels * group, ...spatial(axes)], seed);
      const w = uniform([filters * group, channels, ...kernel(axes)], seed + 1);
      const inputs = flags[0]! ? [x, w, uniform([filters * group], seed + 2)] : [x, w];
      return { op: 'Conv', inputs, attrs: { ...windowAttributes(axes, autoPad), group } };
    });
    await sample(cases, 61, 60);
  });

  it('ConvInteger', async () => {
    // ONNX Runtime takes uint8 data only and weights of one zero point.
    const cases = shapes.map(({ axes: given, autoPad, batch, group, channels, filters, flags, seed }): Case => {
      const axes = undilated(given.slice(0, 2), autoPad);
      const x = integerTensor('uint8', [batch, channels * group, ...spatial(axes)], seed, 255);
      const w = integerTensor('uint8', [filters * group, channels, ...kernel(axes)], seed + 1, 255);
      const zeros = flags[0]!
        ? [integerTensor('uint8', [], seed + 2, 255), integerTensor('uint8', [], seed + 3, 255)]
        : [];
      return { op: 'ConvInteger', inputs: [x, w, ...zeros], attrs: { ...windowAttributes(axes, autoPad), group } };
    });
    await sample(cases, 62, 40);
  });

  it('ConvTranspose', async () => {
    const cases = shapes.map(({ axes: given, autoPad, batch, group, channels, filters, flags, seed }): Case => {
      const axes = undilated(given, autoPad);
      const x = uniform([batch, channels * group, ...spatial(axes)], seed);
      const w = uniform([channels * group, filters, ...kernel(axes)], seed + 1);
      const inputs = flags[0]! ? [x, w, uniform([filters * group], seed + 2)] : [x, w];
      const { pads, ...rest } = windowAttributes(axes, autoPad);
      // A size between the smallest and the largest that ONNX Runtime takes as consistent with the data.
      const wanted = axes.map(
        (axis) => axis.stride * (axis.input - 1) + extent(axis) + (flags[2]! ? axis.stride - 1 : 0),
      );
      const sizing = flags[1]! && autoPad === 'NOTSET' ? { output_shape: wanted } : pads && { pads };
      return { op: 'ConvTranspose', inputs, attrs: { ...rest, ...sizing, group } };
    });
    await sample(cases, 63, 60);
  });

  it.each([
    ['MaxPool', 64],
    ['AveragePool', 65],
    ['LpPool', 66],
  ] as const)('%s', async (op, seed) => {
    const cases = shapes.map(({ axes: given, autoPad, batch, channels, flags, seed: values }): Case => {
      const axes = undilated(given, autoPad).map((axis) => ({
        ...axis,
        padBegin: Math.min(axis.padBegin, axis.kernel - 1),
        padEnd: Math.min(axis.padEnd, axis.kernel - 1),
      }));
      const attrs = {
        ...windowAttributes(axes, autoPad),
        kernel_shape: kernel(axes),
        ceil_mode: Number(flags[0]!),
        ...(op === 'AveragePool' && { count_include_pad: Number(flags[1]!) }),
        ...(op === 'MaxPool' && { storage_order: Number(flags[1]!) }),
        ...(op === 'LpPool' && { p: flags[1]! ? 2 : 1 }),
      };
      const x = uniform([batch, channels, ...spatial(axes)], values);
      return { op, inputs: [x], attrs, outputs: op === 'MaxPool' && flags[2]! ? 2 : 1 };
    });
    // Where the windows of SAME leave gaps, ONNX Runtime pads by less than nothing or gives up.
    const defined = cases.filter(({ attrs }) => {
      const [strides, sizes] = [attrs['strides'] as number[], attrs['kernel_shape'] as number[]];
      const same = attrs['auto_pad'] === 'SAME_UPPER' || attrs['auto_pad'] === 'SAME_LOWER';
      return !same || strides.every((stride, axis) => stride <= sizes[axis]!);
    });
    await sample(defined, seed, 60);
  });

  it('MatMul and Gemm', async () => {
    const sizes = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      depth: fc.integer({ min: 1, max: 40 }),
      columns: fc.integer({ min: 1, max: 9 }),
      batch: fc.constantFrom([[], []], [[2], [2]], [[3, 1], [2]], [[], [4]], [[2], []]),
      flags: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      seed: fc.nat(1000),
    });
    const cases = sizes.map(({ rows, depth, columns, batch: [left = [], right = []], flags, seed }): Case => {
      if (flags[0]!) {
        const inputs = [uniform([...left, rows, depth], seed), uniform([...right, depth, columns], seed + 1)];
        return { op: 'MatMul', inputs, attrs: {} };
      }
      const [transA, transB] = [flags[1]!, flags[2]!];
      const a = uniform(transA ? [depth, rows] : [rows, depth], seed);
      const b = uniform(transB ? [columns, depth] : [depth, columns], seed + 1);
      const c = uniform(seed % 2 === 0 ? [columns] : [rows, 1], seed + 2);
      const attrs = { transA: Number(transA), transB: Number(transB), alpha: { float: 0.5 }, beta: { float: 1.5 } };
      return { op: 'Gemm', inputs: [a, b, c], attrs };
    });
    await sample(cases, 67, 60);
  });

  it('MatMulInteger', async () => {
    const types = fc.constantFrom<DType>('uint8', 'int8');
    const cases = fc
      .tuple(fc.nat(5), fc.nat(9), fc.nat(5), types, types, fc.nat(3))
      .map(([m, k, n, left, right, zeros]): Case => {
        const a = integerTensor(left, [2, m + 1, k + 1], m, 127);
        const b = integerTensor(right, [k + 1, n + 1], n + 9, 127);
        const aZero = zeros > 0 ? integerTensor(left, [], k, 99) : undefined;
        const bZero = zeros > 1 ? integerTensor(right, zeros === 2 ? [] : [n + 1], k + 1, 99) : undefined;
        const inputs = bZero !== undefined ? [a, b, aZero, bZero] : aZero !== undefined ? [a, b, aZero] : [a, b];
        return { op: 'MatMulInteger', inputs, attrs: {} };
      });
    await sample(cases, 68, 40);
  });

  it('normalisations', async () => {
    const cases = fc
      .record({
        op: fc.constantFrom(
          'BatchNormalization',
          'InstanceNormalization',
          'GroupNormalization',
          'LayerNormalization',
          'LRN',
          'MeanVarianceNormalization',
        ),
        dims: fc.tuple(
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 4 }),
          fc.integer({ min: 2, max: 5 }),
          fc.integer({ min: 2, max: 5 }),
        ),
        size: fc.constantFrom(1, 3, 5),
        seed: fc.nat(1000),
      })
      .map(({ op, dims: [n, c, h, w], size, seed }): Case => {
        const channels = op === 'GroupNormalization' ? 2 * c : c;
        const x = uniform([n, channels, h, w], seed);
        const list = (i: number, positive = false): Tensor => uniform([channels], seed + i, positive);
        const epsilon = { float: 0.01 };
        if (op === 'BatchNormalization') {
          return { op, inputs: [x, list(1), list(2), list(3), list(4, true)], attrs: { epsilon } };
        }
        if (op === 'InstanceNormalization') return { op, inputs: [x, list(1), list(2)], attrs: { epsilon } };
        if (op === 'GroupNormalization')
          return { op, inputs: [x, list(1), list(2)], attrs: { epsilon, num_groups: 2 } };
        if (op === 'LayerNormalization') {
          return {
            op,
            inputs: [x, uniform([h, w], seed + 1), uniform([h, w], seed + 2)],
            attrs: { epsilon, axis: -2 },
            outputs: 3,
          };
        }
        if (op === 'LRN') return { op, inputs: [x], attrs: { size, alpha: { float: 0.5 }, beta: { float: 0.6 } } };
        return { op, inputs: [x], attrs: { axes: [0, 2, 3] } };
      });
    await sample(cases, 69, 60);
  });

  it('sees the difference that a shifted window makes', async () => {
    const x = uniform([1, 1, 6], 1);
    const attrs = { kernel_shape: [3], auto_pad: 'SAME_UPPER', strides: [2] };
    const lower = { ...attrs, auto_pad: 'SAME_LOWER' };
    const [expected] = await runNodeInOrt('MaxPool', [x], attrs, ['float32']);
    const [y] = run(OPERATORS.get('MaxPool')!, NN_KERNELS, [x], lower);
    expect(describeDifference(y, expected!, TOLERANCE)).toBeDefined();
    expect(
      resolveAxis({ input: 6, kernel: 3, stride: 2, dilation: 1, padBegin: 0, padEnd: 0 }, 'SAME_LOWER', false),
    ).toMatchObject({
      padBegin: 1,
      padEnd: 0,
      output: 3,
    });
  });
});
