import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerRange, isFloat, type DType } from '../../../src/ir/dtype.js';
import type { Operator } from '../../../src/ir/ops/operator.js';
import { averagePool, globalAveragePool, globalMaxPool, lpPool, maxPool } from '../../../src/ir/ops/pool.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { NN_KERNELS } from '../../../src/runtime/float/nn.js';
import { integerTensor } from '../../support/integer-tensors.js';
import { build, elementAt, expectEqual } from '../../support/naive-tensor.js';
import {
  autoPadArbitrary,
  axesArbitrary,
  coordinates,
  extent,
  resolveAxis,
  windowAttributes,
  type ResolvedAxis,
} from '../../support/naive-windows.js';
import { infer, run, type AttributeInputs } from '../../support/run-operator.js';

/** Coordinates that the taps of the window at `o` touch, within the data or not. */
const touched = (axes: readonly ResolvedAxis[], o: readonly number[]): number[][] =>
  coordinates(axes.map(({ kernel }) => kernel)).map((k) =>
    axes.map(({ stride, dilation, padBegin }, a) => o[a]! * stride + k[a]! * dilation - padBegin),
  );

const within = (axes: readonly ResolvedAxis[], i: readonly number[], padded = false): boolean =>
  axes.every(({ input, padBegin, padEnd }, a) =>
    padded ? i[a]! >= -padBegin && i[a]! < input + padEnd : i[a]! >= 0 && i[a]! < input,
  );

const resultDims = (x: Tensor, axes: readonly ResolvedAxis[]): number[] => [
  ...x.dims.slice(0, 2),
  ...axes.map(({ output }) => output),
];

const cases = fc.record({
  axes: axesArbitrary,
  autoPad: autoPadArbitrary,
  ceil: fc.boolean(),
  batch: fc.integer({ min: 0, max: 2 }),
  channels: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(1000),
});

/** Runs `compare` on random pools that are valid, and checks that the others are refused. */
function forPools(
  spec: Operator,
  types: readonly DType[],
  seed: number,
  compare: (x: Tensor, axes: readonly ResolvedAxis[], attrs: AttributeInputs, variant: number) => void,
): void {
  let compared = 0;
  fc.assert(
    fc.property(cases, fc.constantFrom(...types), fc.nat(5), (given, dtype, variant) => {
      const { axes, autoPad, ceil, batch, channels } = given;
      const x = integerTensor(dtype, [batch, channels, ...axes.map(({ input }) => input)], given.seed, 99);
      const attrs = {
        ...windowAttributes(axes, autoPad),
        kernel_shape: axes.map(({ kernel }) => kernel),
        ceil_mode: Number(ceil),
      };
      const resolved = axes.map((axis) => resolveAxis(axis, autoPad, ceil));
      const onlyPadding =
        autoPad === 'NOTSET' && axes.some((axis) => Math.max(axis.padBegin, axis.padEnd) >= extent(axis));
      if (onlyPadding || resolved.some(({ output }) => output < 1)) {
        expect(() => infer(spec, [x], attrs)).toThrow(/is accepted|does not fit/);
        return;
      }
      compared++;
      compare(x, resolved, attrs, variant);
    }),
    { seed, numRuns: 400 },
  );
  expect(compared).toBeGreaterThan(100);
}

describe('MaxPool', () => {
  const types = ['float32', 'float32', 'float64', 'float16', 'bfloat16', 'int8', 'uint8'] as const;

  it('takes the largest element and the first place where it lies', () => {
    forPools(maxPool, types, 31, (x, axes, attrs, variant) => {
      const lowest = isFloat(x.dtype) ? -Infinity : integerRange(x.dtype).lo;
      const dims = resultDims(x, axes);
      const columnMajor = variant % 2;
      const positions = build('int64', dims, ([n = 0, c = 0, ...o]) => {
        let best = lowest;
        let place = -1n;
        for (const i of touched(axes, o).filter((i) => within(axes, i))) {
          const value = Number(elementAt(x, [n, c, ...i]));
          if (place >= 0n && value <= best) continue;
          best = value;
          const sizes = axes.map(({ input }) => input);
          const order = columnMajor === 1 ? i.map((_, a) => i.length - 1 - a) : i.map((_, a) => a);
          place = BigInt(order.reduce((sum, a) => sum * sizes[a]! + i[a]!, n * x.dims[1]! + c));
        }
        return place < 0n ? 0n : place;
      });
      const values = build(x.dtype, dims, ([n = 0, c = 0, ...o]) =>
        Math.max(
          lowest,
          ...touched(axes, o)
            .filter((i) => within(axes, i))
            .map((i) => Number(elementAt(x, [n, c, ...i]))),
        ),
      );
      expectEqual(run(maxPool, NN_KERNELS, [x], attrs)[0], values);
      const both = run(maxPool, NN_KERNELS, [x], { ...attrs, storage_order: columnMajor }, 2);
      expectEqual(both[0], values);
      expectEqual(both[1], positions);
    });
  });

  it('gives NaN for windows that hold one, wherever it lies', () => {
    const size = 11;
    const reach = 3;
    for (let place = 0; place < size; place++) {
      const values = Array.from({ length: size }, (_, i) => (i === place ? NaN : (i * 7) % 5));
      const expected = Array.from({ length: size - reach + 1 }, (_, o) => Math.max(...values.slice(o, o + reach)));
      for (const outputs of [1, 2]) {
        const x = Tensor.float32([1, 1, size], values);
        const [y] = run(maxPool, NN_KERNELS, [x], { kernel_shape: [reach] }, outputs);
        expectEqual(y, Tensor.float32([1, 1, expected.length], expected));
      }
    }
  });

  it('takes no padding for data below every number', () => {
    const x = Tensor.float32([1, 1, 2], [-Infinity, -5]);
    const [y] = run(maxPool, NN_KERNELS, [x], { kernel_shape: [2], pads: [1, 1] });
    expectEqual(y, Tensor.float32([1, 1, 3], [-Infinity, -5, -5]));
  });
});

describe('AveragePool', () => {
  it('divides by the elements within the data, or within the declared padding too', () => {
    forPools(averagePool, ['float32', 'float64'], 32, (x, axes, attrs, variant) => {
      const include = variant % 2;
      const expected = build(x.dtype, resultDims(x, axes), ([n = 0, c = 0, ...o]) => {
        const all = touched(axes, o);
        const sum = all
          .filter((i) => within(axes, i))
          .reduce((total, i) => total + Number(elementAt(x, [n, c, ...i])), 0);
        const count = all.filter((i) => within(axes, i, include === 1)).length;
        return count === 0 ? 0 : sum / count;
      });
      expectEqual(run(averagePool, NN_KERNELS, [x], { ...attrs, count_include_pad: include })[0], expected);
    });
  });

  it('rounds to the 16-bit type of its data', () => {
    const x = new Tensor('float16', [1, 1, 3], Float32Array.of(1, 1, 2));
    const [y] = run(averagePool, NN_KERNELS, [x], { kernel_shape: [3] });
    // 4/3 = 1.0101010101|0101… in binary.
    expect(y!.data[0]).toBe(1365 / 1024);
  });
});

describe('LpPool', () => {
  it('takes the root of the sum of powers', () => {
    forPools(lpPool, ['float32', 'float64'], 33, (x, axes, attrs, variant) => {
      const p = 1 + (variant % 3);
      const [y] = run(lpPool, NN_KERNELS, [x], { ...attrs, p });
      const expected = build('float64', resultDims(x, axes), ([n = 0, c = 0, ...o]) => {
        const powers = touched(axes, o)
          .filter((i) => within(axes, i))
          .map((i) => Math.abs(Number(elementAt(x, [n, c, ...i]))) ** p);
        return powers.reduce((sum, power) => sum + power, 0) ** (1 / p);
      });
      expect(y!.dims).toEqual(expected.dims);
      // One rounding to float32, and the last bits of two ways to a root.
      for (const [i, value] of y!.toNumbers().entries()) {
        expect(Math.abs(value - Number(expected.data[i]))).toBeLessThanOrEqual(1e-7 * value);
      }
    });
  });
});

describe('global pools', () => {
  it.each([
    ['GlobalAveragePool', globalAveragePool],
    ['GlobalMaxPool', globalMaxPool],
  ] as const)('%s takes all spatial elements of a channel', (_, spec) => {
    const shapes = fc.tuple(
      fc.nat(3),
      fc.nat(3),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
    );
    fc.assert(
      fc.property(shapes, fc.constantFrom<DType>('float32', 'float64'), ([n, c, spatial], dtype) => {
        const x = integerTensor(dtype, [n, c, ...spatial], n + c, 99);
        const expected = build(dtype, [n, c, ...spatial.map(() => 1)], ([b = 0, d = 0]) => {
          const all = coordinates(spatial).map((i) => Number(elementAt(x, [b, d, ...i])));
          if (spec === globalMaxPool) return Math.max(...all);
          return all.reduce((sum, value) => sum + value, 0) / all.length;
        });
        expectEqual(run(spec, NN_KERNELS, [x])[0], expected);
      }),
      { seed: 34, numRuns: 100 },
    );
  });

  it('GlobalMaxPool gives NaN when there is one', () => {
    const [y] = run(globalMaxPool, NN_KERNELS, [Tensor.float32([1, 2, 3], [1, NaN, 2, -3, -2, -Infinity])]);
    expectEqual(y, Tensor.float32([1, 2, 1], [NaN, -2]));
  });
});
