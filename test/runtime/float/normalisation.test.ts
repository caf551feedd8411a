import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import {
  batchNormalization,
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  lrn,
  meanVarianceNormalization,
} from '../../../src/ir/ops/normalisation.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { NN_KERNELS } from '../../../src/runtime/float/nn.js';
import { build, coordinatesOf, elementAt } from '../../support/naive-tensor.js';
import { run } from '../../support/run-operator.js';

/** Numbers in -1 … 1, or in 0.5 … 1.5 where they must be positive. */
function uniform(dtype: 'float32' | 'float64', dims: readonly number[], seed: number, positive = false): Tensor {
  const next = uniformSource(seed);
  return build(dtype, dims, () => (positive ? 1 + next() / 2 : next()));
}

/**
 * Fails unless all elements agree to one rounding to the type, and to cancellation in float64 for elements near zero.
 */
function expectClose(actual: Tensor | undefined, expected: Tensor): void {
  expect(actual?.dims).toEqual(expected.dims);
  const relative = actual?.dtype === 'float32' ? 2 ** -23 : 1e-12;
  for (const [i, value] of actual!.toNumbers().entries()) {
    const wanted = Number(expected.data[i]);
    if (Math.abs(value - wanted) > relative * Math.abs(wanted) + 1e-12) expect([i, value]).toEqual([i, wanted]);
  }
}

/** Mean and variance of the elements whose coordinates agree with those given as `same` does. */
function statistics(
  x: Tensor,
  at: readonly number[],
  same: (a: readonly number[], b: readonly number[]) => boolean,
): [number, number] {
  const values = x.toNumbers().filter((_, place) => same(coordinatesOf(place, x.dims), at));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
}

const types = fc.constantFrom<('float32' | 'float64')[]>('float32', 'float64');
const dims = (least: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 5 }), { minLength: least, maxLength: 4 });

describe('BatchNormalization', () => {
  it('normalises with the statistics of each channel', () => {
    fc.assert(
      fc.property(dims(1), types, fc.nat(1000), fc.boolean(), (shape, dtype, seed, other) => {
        const channels = shape.length === 1 ? 1 : shape[1]!;
        const x = uniform(dtype, shape, seed);
        const [scale, bias] = [uniform(dtype, [channels], seed + 1), uniform(dtype, [channels], seed + 2)];
        const kind = other ? 'float64' : dtype;
        const [mean, variance] = [uniform(kind, [channels], seed + 3), uniform(kind, [channels], seed + 4, true)];
        const of = (list: Tensor, c: number): number => Number(list.data[c]);
        const expected = build('float64', shape, (at) => {
          const c = shape.length === 1 ? 0 : at[1]!;
          const distance = Number(elementAt(x, at)) - of(mean, c);
          return (distance / Math.sqrt(of(variance, c) + 0.01)) * of(scale, c) + of(bias, c);
        });
        const attrs = { epsilon: { float: 0.01 } };
        expectClose(run(batchNormalization, NN_KERNELS, [x, scale, bias, mean, variance], attrs)[0], expected);
      }),
      { seed: 51, numRuns: 100 },
    );
  });

  it('takes epsilon 1e-5 by default and a batch of nothing', () => {
    const one = Tensor.float32([1], [1]);
    const zero = Tensor.float32([1], [0]);
    const [y] = run(batchNormalization, NN_KERNELS, [Tensor.float32([1, 1], [1]), one, zero, zero, zero]);
    expect(y!.data[0]).toBe(Math.fround(1 / Math.sqrt(1e-5)));
    const [none] = run(batchNormalization, NN_KERNELS, [Tensor.float32([0, 1, 3], []), one, zero, zero, zero]);
    expect(none!.dims).toEqual([0, 1, 3]);
  });

  it('rounds to the 16-bit type of its data', () => {
    const list = (value: number): Tensor => new Tensor('float16', [1], Float32Array.of(value));
    const x = new Tensor('float16', [1, 1], Float32Array.of(1));
    const inputs = [x, list(1), list(2 ** -12), list(0), list(1)];
    const [y] = run(batchNormalization, NN_KERNELS, inputs, { epsilon: { float: 0 } });
    expect(y!.data[0]).toBe(1);
  });
});

describe('normalisations by their own statistics', () => {
  it('InstanceNormalization: each channel of each sample', () => {
    fc.assert(
      fc.property(dims(3), types, fc.nat(1000), (shape, dtype, seed) => {
        const x = uniform(dtype, shape, seed);
        const [scale, bias] = [uniform(dtype, [shape[1]!], seed + 1), uniform(dtype, [shape[1]!], seed + 2)];
        const expected = build('float64', shape, (at) => {
          const [mean, variance] = statistics(x, at, (a, b) => a[0] === b[0] && a[1] === b[1]);
          const normal = (Number(elementAt(x, at)) - mean) / Math.sqrt(variance + 1e-5);
          return normal * Number(scale.data[at[1]!]) + Number(bias.data[at[1]!]);
        });
        expectClose(run(instanceNormalization, NN_KERNELS, [x, scale, bias])[0], expected);
      }),
      { seed: 52, numRuns: 60 },
    );
  });

  it('GroupNormalization: each group of channels of each sample', () => {
    fc.assert(
      fc.property(dims(3), fc.integer({ min: 1, max: 3 }), types, fc.nat(1000), (shape, groups, dtype, seed) => {
        const channels = shape[1]! * groups;
        const sizes = [shape[0]!, channels, ...shape.slice(2)];
        const x = uniform(dtype, sizes, seed);
        const [scale, bias] = [uniform(dtype, [channels], seed + 1), uniform(dtype, [channels], seed + 2)];
        const group = (c: number): number => Math.floor(c / shape[1]!);
        const expected = build('float64', sizes, (at) => {
          const [mean, variance] = statistics(x, at, (a, b) => a[0] === b[0] && group(a[1]!) === group(b[1]!));
          const normal = (Number(elementAt(x, at)) - mean) / Math.sqrt(variance + 0.5);
          return normal * Number(scale.data[at[1]!]) + Number(bias.data[at[1]!]);
        });
        const attrs = { num_groups: groups, epsilon: { float: 0.5 } };
        expectClose(run(groupNormalization, NN_KERNELS, [x, scale, bias], attrs)[0], expected);
      }),
      { seed: 53, numRuns: 60 },
    );
  });

  it('LayerNormalization: the axes from `axis` on, with scale and bias that broadcast', () => {
    const cases = dims(1).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
        cuts: fc.tuple(fc.integer({ min: 0, max: shape.length }), fc.integer({ min: 0, max: shape.length })),
        flat: fc.tuple(fc.nat(15), fc.nat(15)),
        bias: fc.boolean(),
        dtype: types,
        seed: fc.nat(1000),
      }),
    );
    fc.assert(
      fc.property(cases, ({ shape, axis, cuts, flat, bias, dtype, seed }) => {
        const first = axis < 0 ? axis + shape.length : axis;
        const x = uniform(dtype, shape, seed);
        const factor = (which: 0 | 1): Tensor => {
          const own = shape.map((dim, a) => ((flat[which] >> a) % 2 === 1 ? 1 : dim)).slice(cuts[which]);
          return uniform(dtype, own, seed + 1 + which);
        };
        const [scale, shift] = [factor(0), bias ? factor(1) : undefined];
        const pick = (tensor: Tensor, at: readonly number[]): number => {
          const own = at.slice(shape.length - tensor.rank);
          return Number(elementAt(tensor, own.map((position, a) => (tensor.dims[a] === 1 ? 0 : position)))); // prettier-ignore
        };
        const row = (at: readonly number[]): [number, number] =>
          statistics(x, at, (a, b) => a.slice(0, first).join() === b.slice(0, first).join());
        const expected = build('float64', shape, (at) => {
          const [mean, variance] = row(at);
          const normal = (Number(elementAt(x, at)) - mean) / Math.sqrt(variance + 1e-5);
          return normal * pick(scale, at) + (shift === undefined ? 0 : pick(shift, at));
        });
        const single = shape.map((dim, a) => (a < first ? dim : 1));
        const inputs = shift === undefined ? [x, scale] : [x, scale, shift];
        const [y, mean, inverse] = run(layerNormalization, NN_KERNELS, inputs, { axis }, 3);
        expectClose(y, expected);
        expectClose(
          mean,
          build('float64', single, (at) => row(at)[0]),
        );
        expectClose(
          inverse,
          build('float64', single, (at) => 1 / Math.sqrt(row(at)[1] + 1e-5)),
        );
      }),
      { seed: 54, numRuns: 150 },
    );
  });

  it('MeanVarianceNormalization: the given axes', () => {
    const cases = dims(1).chain((shape) =>
      fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis)), fc.boolean(), types, fc.nat(1000)),
    );
    fc.assert(
      fc.property(cases, ([shape, axes, negative, dtype, seed]) => {
        const x = uniform(dtype, shape, seed);
        const expected = build('float64', shape, (at) => {
          const [mean, variance] = statistics(x, at, (a, b) =>
            a.every((p, axis) => axes.includes(axis) || p === b[axis]),
          );
          return (Number(elementAt(x, at)) - mean) / (Math.sqrt(variance) + 1e-9);
        });
        const attrs = { axes: axes.map((axis) => (negative ? axis - shape.length : axis)) };
        const [y] = run(meanVarianceNormalization, NN_KERNELS, [x], attrs);
        // Data with a deviation of nearly 0 enlarge the rounding of their mean.
        const constant = expected.toNumbers().some((value) => value !== 0 && Math.abs(value) < 1e-3);
        if (!constant) expectClose(y, expected);
      }),
      { seed: 55, numRuns: 100 },
    );
  });
});

describe('LRN', () => {
  it('divides by the squares of neighbouring channels', () => {
    const cases = fc.record({
      shape: dims(2),
      size: fc.integer({ min: 1, max: 6 }),
      dtype: types,
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(cases, ({ shape, size, dtype, seed }) => {
        const x = uniform(dtype, shape, seed);
        const expected = build('float64', shape, ([n = 0, c = 0, ...rest]) => {
          let squares = 0;
          for (let i = c - Math.floor((size - 1) / 2); i <= c + Math.ceil((size - 1) / 2); i++) {
            if (i >= 0 && i < shape[1]!) squares += Number(elementAt(x, [n, i, ...rest])) ** 2;
          }
          return Number(elementAt(x, [n, c, ...rest])) / (2 + (0.5 / size) * squares) ** 0.25;
        });
        const attrs = { size, alpha: { float: 0.5 }, beta: { float: 0.25 }, bias: { float: 2 } };
        expectClose(run(lrn, NN_KERNELS, [x], attrs)[0], expected);
      }),
      { seed: 56, numRuns: 100 },
    );
  });

  it('keeps an empty tensor empty', () => {
    const shape: number[] = [2, 3, 0];
    const dtype: DType = 'float32';
    const [y] = run(lrn, NN_KERNELS, [Tensor.zeros(dtype, shape)], { size: 3 });
    expect(sizeOf(y!.dims)).toBe(0);
  });
});
