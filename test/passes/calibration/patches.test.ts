import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attributes } from '../../../src/ir/attributes.js';
import { conv } from '../../../src/ir/ops/conv.js';
import { convTranspose } from '../../../src/ir/ops/conv-transpose.js';
import { OperatorFault } from '../../../src/ir/ops/operator.js';
import type { Tensor } from '../../../src/ir/tensor.js';
import { planPatches, type PatchPlan } from '../../../src/passes/calibration/patches.js';
import { NN_KERNELS } from '../../../src/runtime/float/nn.js';
import { integerTensor } from '../../support/integer-tensors.js';
import { autoPadArbitrary, axesArbitrary, extent, windowAttributes } from '../../support/naive-windows.js';
import { run, type AttributeInputs } from '../../support/run-operator.js';

/** Products of every patch with rows of weights [channels, taps], in the layout of a layer's result. */
function products(plan: PatchPlan, x: Float32Array, rows: readonly (readonly number[])[]): number[] {
  const { groups, taps, samples, positions } = plan;
  const perGroup = rows.length / groups;
  const result = new Array<number>(samples * rows.length * positions).fill(NaN);
  const patch = new Float64Array(groups * taps * 2).fill(NaN);
  for (let sample = 0; sample < samples; sample++) {
    for (let position = 0; position < positions; position++) {
      plan.copy(x, sample, position, patch, 1, 2);
      for (const [channel, row] of rows.entries()) {
        const start = Math.floor(channel / perGroup) * taps;
        const sum = row.reduce((total, w, tap) => total + w * (patch[(start + tap) * 2 + 1] ?? NaN), 0);
        result[(sample * rows.length + channel) * positions + position] = sum;
      }
    }
  }
  return result;
}

const rowsOf = (count: number, length: number, at: (row: number, tap: number) => number): number[][] =>
  Array.from({ length: count }, (_, row) => Array.from({ length }, (_, tap) => at(row, tap)));

const sizes = fc.record({
  axes: axesArbitrary,
  autoPad: autoPadArbitrary,
  group: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 2 }),
  filters: fc.integer({ min: 1, max: 2 }),
  batch: fc.integer({ min: 1, max: 2 }),
  seed: fc.nat(),
});

const planFor = (op: string, attrs: AttributeInputs, x: Tensor, w: Tensor): PatchPlan =>
  planPatches({ op, attrs: Attributes.of(attrs) }, x.dims, w.dims);

describe('planPatches', () => {
  it('gives what a convolution multiplies with its weights', () => {
    fc.assert(
      fc.property(sizes, ({ axes, autoPad, group, channels, filters, batch, seed }) => {
        fc.pre(axes.every((axis) => autoPad.startsWith('SAME') || extent(axis) <= axis.input));
        const x = integerTensor('float32', [batch, channels * group, ...axes.map(({ input }) => input)], seed, 4);
        const w = integerTensor(
          'float32',
          [filters * group, channels, ...axes.map(({ kernel }) => kernel)],
          seed + 1,
          4,
        );
        const attrs = { ...windowAttributes(axes, autoPad), group };
        const [y] = run(conv, NN_KERNELS, [x, w], attrs);
        const taps = w.size / (filters * group);
        const rows = rowsOf(filters * group, taps, (row, tap) => Number(w.data[row * taps + tap]));
        expect(products(planFor('Conv', attrs, x, w), x.data, rows)).toEqual(y?.toNumbers());
      }),
      { seed: 71, numRuns: 150 },
    );
  });

  it('gives what reaches each result of a transposed convolution, 0 where nothing does', () => {
    fc.assert(
      fc.property(sizes, ({ axes, group, channels, filters, batch, seed }) => {
        const attrs = { ...windowAttributes(axes, 'NOTSET'), group };
        fc.pre(axes.every((a) => a.stride * (a.input - 1) + extent(a) - a.padBegin - a.padEnd > 0));
        const x = integerTensor('float32', [batch, channels * group, ...axes.map(({ input }) => input)], seed, 4);
        const w = integerTensor(
          'float32',
          [channels * group, filters, ...axes.map(({ kernel }) => kernel)],
          seed + 1,
          4,
        );
        const [y] = run(convTranspose, NN_KERNELS, [x, w], attrs);
        const kernel = w.size / (channels * group * filters);
        const rows = rowsOf(filters * group, channels * kernel, (row, tap) => {
          const c = Math.floor(row / filters) * channels + Math.floor(tap / kernel);
          return Number(w.data[(c * filters + (row % filters)) * kernel + (tap % kernel)]);
        });
        expect(products(planFor('ConvTranspose', attrs, x, w), x.data, rows)).toEqual(y?.toNumbers());
      }),
      { seed: 72, numRuns: 150 },
    );
  });

  it('takes the rows of a matrix product, however many axes they lie on', () => {
    const x = integerTensor('float32', [2, 3, 4], 5, 9);
    const plan = planPatches({ op: 'MatMul', attrs: Attributes.of({}) }, x.dims, [4, 2]);
    expect(plan).toMatchObject({ groups: 1, taps: 4, samples: 2, positions: 3 });
    const row = new Float64Array(4);
    plan.copy(x.data, 1, 2, row, 0, 1);
    expect([...row]).toEqual([...x.data].slice(20).map(Number));
  });

  it('refuses data that do not fit the weights', () => {
    const attrs = Attributes.of({});
    expect(() => planPatches({ op: 'Conv', attrs }, [1, 3, 4, 4], [2, 2, 1, 1])).toThrow(OperatorFault);
  });
});
