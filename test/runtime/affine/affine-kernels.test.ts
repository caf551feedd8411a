import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerRange, type DType } from '../../../src/ir/dtype.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { runAffine } from '../../support/affine-node.js';
import { clamp, fractionOf, over, plus, roundFraction, times, whole } from '../../support/exact-fractions.js';
import { coordinatesOf, elementAt } from '../../support/naive-tensor.js';
import { axisArbitrary, coordinates, resolveAxis, type DeclaredAxis } from '../../support/naive-windows.js';
import { broadcastDims, broadcastElement, tensorOf } from '../../support/random-tensors.js';

const AFFINE = ['int8', 'uint8', 'int16', 'uint16', 'int4', 'uint4'] as const;
const affine = fc.constantFrom<DType>(...AFFINE);
const scale = fc.double({ min: 2 ** -12, max: 2, noNaN: true });

const scalar = (dtype: DType, value: number): Tensor => {
  const tensor = Tensor.zeros(dtype, []);
  tensor.data[0] = value;
  return tensor;
};
const real = (value: number): Tensor => new Tensor('float64', [], Float64Array.of(value));
const zeroOf = (dtype: DType): fc.Arbitrary<number> => {
  const { lo, hi } = integerRange(dtype);
  return fc.oneof(fc.integer({ min: lo, max: hi }), fc.constantFrom(lo, hi, 0));
};

/** A tensor, and its zero point. */
const affineTensor = (dims: readonly number[]): fc.Arbitrary<{ x: Tensor; zero: number }> =>
  affine.chain((dtype) => fc.record({ x: tensorOf(dtype, dims), zero: zeroOf(dtype) }));

/** A requantised result: type, zero point and bounds. */
const target = affine.chain((dtype) => {
  const { lo, hi } = integerRange(dtype);
  return fc.record({
    zero: zeroOf(dtype).map((zero) => scalar(dtype, zero)),
    bounds: fc
      .tuple(fc.integer({ min: lo, max: hi }), fc.integer({ min: lo, max: hi }), fc.boolean())
      .map(([a, b, bounded]) => (bounded ? { lo: Math.min(a, b), hi: Math.max(a, b) } : { lo, hi })),
  });
});

const at = (tensor: Tensor, where: readonly number[]): bigint => BigInt(Number(elementAt(tensor, where)));

const biasesOf = (channels: number): fc.Arbitrary<Tensor> =>
  fc
    .array(fc.integer({ min: -100000, max: 100000 }), { minLength: channels, maxLength: channels })
    .map((list) => new Tensor('int32', [channels], Int32Array.from(list)));

const conv2d = fc
  .record({
    axes: fc.tuple(axisArbitrary, axisArbitrary),
    batch: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 3 }),
    filters: fc.integer({ min: 1, max: 3 }),
    each: fc.boolean(),
    biased: fc.boolean(),
  })
  .filter(({ axes }) => axes.every((axis) => resolveAxis(axis, 'NOTSET', false).output > 0))
  .chain(({ axes, batch, group, channels, filters, each, biased }) =>
    fc.record({
      axes: fc.constant<readonly DeclaredAxis[]>(axes),
      group: fc.constant(group),
      x: affineTensor([batch, group * channels, ...axes.map(({ input }) => input)]),
      w: affineTensor([group * filters, channels, ...axes.map(({ kernel }) => kernel)]),
      zeros: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: group * filters, maxLength: group * filters }),
      each: fc.constant(each),
      bias: biased
        ? fc.array(fc.integer({ min: -100000, max: 100000 }), {
            minLength: group * filters,
            maxLength: group * filters,
          })
        : fc.constant(undefined),
    }),
  );

describe('qa.Conv', () => {
  it('sums in big integers what lies under the window, less the zero points', () => {
    fc.assert(
      fc.property(conv2d, ({ axes, group, x, w, zeros, each, bias }) => {
        const wZeros = each ? new Tensor(w.x.dtype, [zeros.length], storeLike(w.x, zeros)) : scalar(w.x.dtype, w.zero);
        const attrs = {
          strides: axes.map(({ stride }) => stride),
          dilations: axes.map(({ dilation }) => dilation),
          pads: [...axes.map(({ padBegin }) => padBegin), ...axes.map(({ padEnd }) => padEnd)],
          group,
        };
        const biases = bias && new Tensor('int32', [bias.length], Int32Array.from(bias));
        const y = runAffine('qa.Conv', [x.x, w.x, scalar(x.x.dtype, x.zero), wZeros, biases], attrs);
        const resolved = axes.map((axis) => resolveAxis(axis, 'NOTSET', false));
        const [filters = 1, perGroup = 1] = w.x.dims;
        expect(y.dims).toEqual([x.x.dims[0], filters, ...resolved.map(({ output }) => output)]);
        const expected = Array.from({ length: y.size }, (_, place) => {
          const [n = 0, m = 0, ...window] = coordinatesOf(place, y.dims);
          let sum = BigInt(bias?.[m] ?? 0);
          for (const [c = 0, ...tap] of coordinates([perGroup, ...axes.map(({ kernel }) => kernel)])) {
            const where = tap.map((k, i) => {
              const { stride, dilation, padBegin } = axes[i]!;
              return window[i]! * stride + k * dilation - padBegin;
            });
            if (where.some((index, i) => index < 0 || index >= axes[i]!.input)) continue;
            const channel = Math.floor(m / (filters / group)) * perGroup + c;
            const factor = at(w.x, [m, c, ...tap]) - BigInt(each ? zeros[m]! : w.zero);
            sum += factor * (at(x.x, [n, channel, ...where]) - BigInt(x.zero));
          }
          return Number(sum);
        });
        expect(y.toNumbers()).toEqual(expected);
      }),
      { seed: 81, numRuns: 200 },
    );
  });

  it('accumulates in float64 what 32 bits might not hold', () => {
    const x = new Tensor('uint16', [1, 3, 1], Uint16Array.of(65535, 65535, 65535));
    const w = new Tensor('uint16', [1, 3, 1], Uint16Array.of(65535, 65535, 65535));
    const y = runAffine('qa.Conv', [x, w, scalar('uint16', 0), scalar('uint16', 0)]);
    expect(y.dtype).toBe('float64');
    expect(y.toNumbers()).toEqual([3 * 65535 ** 2]);
  });
});

const storeLike = (tensor: Tensor, values: readonly number[]): Tensor['data'] => {
  const store = Tensor.zeros(tensor.dtype, [values.length]).data;
  for (const [i, value] of values.entries()) store[i] = value;
  return store;
};

describe('qa.ConvTranspose', () => {
  it('spreads every element of the data over its window in big integers', () => {
    const model = fc
      .record({
        axis: axisArbitrary,
        group: fc.integer({ min: 1, max: 2 }),
        channels: fc.integer({ min: 1, max: 2 }),
        filters: fc.integer({ min: 1, max: 3 }),
      })
      .filter(({ axis }) => {
        const full = axis.stride * (axis.input - 1) + axis.dilation * (axis.kernel - 1) + 1;
        return full > axis.padBegin + axis.padEnd;
      })
      .chain(({ axis, group, channels, filters }) =>
        fc.record({
          axis: fc.constant(axis),
          group: fc.constant(group),
          x: affineTensor([2, group * channels, axis.input]),
          w: affineTensor([group * channels, filters, axis.kernel]),
          zeros: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: filters, maxLength: filters }),
          bias: fc.option(biasesOf(group * filters), { nil: undefined }),
        }),
      );
    fc.assert(
      fc.property(model, ({ axis, group, x, w, zeros, bias }) => {
        const wZeros = new Tensor(w.x.dtype, [zeros.length], storeLike(w.x, zeros));
        const attrs = { strides: [axis.stride], dilations: [axis.dilation], pads: [axis.padBegin, axis.padEnd], group };
        const y = runAffine('qa.ConvTranspose', [x.x, w.x, scalar(x.x.dtype, x.zero), wZeros, bias], attrs);
        const [, , length = 0] = y.dims;
        const [taken = 1, filters = 1] = w.x.dims;
        const sums = new Map<string, bigint>();
        for (const [n = 0, c = 0, i = 0] of coordinates(x.x.dims)) {
          for (const [m = 0, k = 0] of coordinates([filters, axis.kernel])) {
            const o = i * axis.stride + k * axis.dilation - axis.padBegin;
            if (o < 0 || o >= length) continue;
            const filter = Math.floor(c / (taken / group)) * filters + m;
            const key = [n, filter, o].join();
            const term = (at(x.x, [n, c, i]) - BigInt(x.zero)) * (at(w.x, [c, m, k]) - BigInt(zeros[m]!));
            sums.set(key, (sums.get(key) ?? 0n) + term);
          }
        }
        const expected = coordinates(y.dims).map((where) =>
          Number((sums.get(where.join()) ?? 0n) + BigInt(bias?.data[where[1]!] ?? 0)),
        );
        expect(y.toNumbers()).toEqual(expected);
      }),
      { seed: 82, numRuns: 150 },
    );
  });
});

describe('qa.MatMul', () => {
  it('multiplies matrices that broadcast in big integers, two activations too', () => {
    const model = fc
      .record({
        batch: broadcastDims(2).filter(({ dims }) => dims.length <= 2 && !dims.includes(0)),
        rows: fc.integer({ min: 1, max: 4 }),
        depth: fc.integer({ min: 1, max: 5 }),
        columns: fc.integer({ min: 1, max: 4 }),
      })
      .chain(({ batch, rows, depth, columns }) =>
        fc.record({
          a: affineTensor([...(batch.operands[0] ?? []), rows, depth]),
          b: affineTensor([...(batch.operands[1] ?? []), depth, columns]),
          zeros: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: columns, maxLength: columns }),
          bias: fc.option(biasesOf(columns), { nil: undefined }),
          computed: fc.constantFrom(1, 2),
        }),
      );
    fc.assert(
      fc.property(model, ({ a, b, zeros, bias, computed }) => {
        const bZeros = new Tensor(b.x.dtype, [zeros.length], storeLike(b.x, zeros));
        const y = runAffine('qa.MatMul', [a.x, b.x, scalar(a.x.dtype, a.zero), bZeros, bias], {}, computed);
        const depth = a.x.dims.at(-1) ?? 1;
        const matrixOf = (tensor: Tensor, batch: readonly number[]): number[] =>
          tensor.dims.slice(0, -2).map((dim, i) => (dim === 1 ? 0 : batch[i - tensor.rank + 2 + batch.length]!));
        const expected = coordinates(y.dims).map((where) => {
          const [row = 0, column = 0] = where.slice(-2);
          const batch = where.slice(0, -2);
          let sum = BigInt(bias?.data[column] ?? 0);
          for (let k = 0; k < depth; k++) {
            const left = at(a.x, [...matrixOf(a.x, batch), row, k]) - BigInt(a.zero);
            sum += left * (at(b.x, [...matrixOf(b.x, batch), k, column]) - BigInt(zeros[column]!));
          }
          return Number(sum);
        });
        expect(y.toNumbers()).toEqual(expected);
      }),
      { seed: 83, numRuns: 200 },
    );
  });
});

describe('qa.Requantize', () => {
  it('rounds exact products and saturates, one multiplier or one a channel', () => {
    const model = fc.record({
      acc: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { minLength: 6, maxLength: 6 }),
      small: fc.boolean(),
      multipliers: fc.array(scale, { minLength: 3, maxLength: 3 }),
      each: fc.boolean(),
      target,
    });
    fc.assert(
      fc.property(model, ({ acc, small, multipliers, each, target: { zero, bounds } }) => {
        const values = acc.map((value) => (small ? value % 512 : value));
        const list = each ? multipliers : multipliers.slice(0, 1);
        const m = new Tensor('float64', each ? [3, 1] : [], Float64Array.from(list));
        const y = runAffine(
          'qa.Requantize',
          [new Tensor('int32', [1, 3, 2], Int32Array.from(values)), m, zero],
          bounds,
        );
        const expected = values.map((value, i) => {
          const exact = times(whole(value), fractionOf(list[each ? Math.floor(i / 2) : 0]!));
          return clamp(roundFraction(exact), zero.toNumbers()[0]!, bounds.lo, bounds.hi);
        });
        expect(y.toNumbers()).toEqual(expected);
      }),
      { seed: 84, numRuns: 300 },
    );
  });
});

describe('qa.Add and qa.Mul', () => {
  const model = broadcastDims(2).chain(({ dims, operands: [a = [], b = []] }) =>
    fc.record({
      dims: fc.constant(dims),
      a: affineTensor(a),
      b: affineTensor(b),
      scales: fc.tuple(scale, scale),
      minus: fc.boolean(),
      target,
    }),
  );

  it('round exact sums and products of operands that broadcast', () => {
    fc.assert(
      fc.property(model, ({ dims, a, b, scales: [am, right], minus, target: { zero, bounds } }) => {
        const bm = minus ? -right : right;
        const zeros = [scalar(a.x.dtype, a.zero), scalar(b.x.dtype, b.zero)];
        const sum = runAffine('qa.Add', [a.x, b.x, ...zeros, real(am), real(bm), zero], bounds, 2);
        const product = runAffine('qa.Mul', [a.x, b.x, ...zeros, real(am), zero], bounds, 2);
        const results = Array.from({ length: sizeOf(dims) }, (_, place) => {
          const where = coordinatesOf(place, dims);
          const left = whole(Number(broadcastElement(a.x, where)) - a.zero);
          const other = whole(Number(broadcastElement(b.x, where)) - b.zero);
          const end = (exact: Parameters<typeof roundFraction>[0]): number =>
            clamp(roundFraction(exact), zero.toNumbers()[0]!, bounds.lo, bounds.hi);
          return [
            end(plus(times(left, fractionOf(am)), times(other, fractionOf(bm)))),
            end(times(times(left, other), fractionOf(am))),
          ] as const;
        });
        expect(sum.dims).toEqual(dims);
        expect(sum.toNumbers()).toEqual(results.map(([value]) => value));
        expect(product.toNumbers()).toEqual(results.map(([, value]) => value));
      }),
      { seed: 85, numRuns: 300 },
    );
  });
});

describe('qa.AveragePool', () => {
  const model = fc
    .record({ axis: axisArbitrary, ceil: fc.boolean(), padded: fc.boolean() })
    .filter(({ axis, ceil }) => {
      const reach = axis.dilation * (axis.kernel - 1) + 1;
      return Math.max(axis.padBegin, axis.padEnd) < reach && resolveAxis(axis, 'NOTSET', ceil).output > 0;
    })
    .chain(({ axis, ceil, padded }) =>
      fc.record({
        axis: fc.constant(axis),
        ceil: fc.constant(ceil),
        padded: fc.constant(padded),
        x: affineTensor([2, 2, axis.input]),
        multiplier: fc.oneof(scale, fc.constant(1)),
        target,
      }),
    );

  it('rounds exact means of what a window counts', () => {
    fc.assert(
      fc.property(model, ({ axis, ceil, padded, x, multiplier, target: { zero, bounds } }) => {
        const attrs = {
          kernel_shape: [axis.kernel],
          strides: [axis.stride],
          dilations: [axis.dilation],
          pads: [axis.padBegin, axis.padEnd],
          ceil_mode: Number(ceil),
          count_include_pad: Number(padded),
          ...bounds,
        };
        const inputs = [x.x, scalar(x.x.dtype, x.zero), real(multiplier), zero];
        const y = runAffine('qa.AveragePool', inputs, attrs);
        const expected = coordinates(y.dims).map(([n = 0, c = 0, o = 0]) => {
          let sum = 0n;
          let count = 0;
          for (let k = 0; k < axis.kernel; k++) {
            const i = o * axis.stride + k * axis.dilation - axis.padBegin;
            const inside = i >= 0 && i < axis.input;
            if (inside) sum += at(x.x, [n, c, i]) - BigInt(x.zero);
            if (inside || (padded && i >= -axis.padBegin && i < axis.input + axis.padEnd)) count++;
          }
          const mean = count === 0 ? 0n : roundFraction(over(times(whole(sum), fractionOf(multiplier)), count));
          return clamp(mean, zero.toNumbers()[0]!, bounds.lo, bounds.hi);
        });
        expect(y.toNumbers()).toEqual(expected);
      }),
      { seed: 86, numRuns: 300 },
    );
  });
});

describe('qa.ReduceMean', () => {
  it('rounds exact means over axes', () => {
    const model = fc.record({
      x: affineTensor([2, 3, 4]),
      axes: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
      keepdims: fc.constantFrom(0, 1),
      multiplier: fc.oneof(scale, fc.constant(1)),
      target,
    });
    fc.assert(
      fc.property(model, ({ x, axes, keepdims, multiplier, target: { zero, bounds } }) => {
        const inputs = [x.x, scalar(x.x.dtype, x.zero), real(multiplier), zero, Tensor.int64(axes)];
        const y = runAffine('qa.ReduceMean', inputs, { keepdims, ...bounds });
        const sums = new Map<string, bigint>();
        for (const where of coordinates([2, 3, 4])) {
          const key = where.map((index, axis) => (axes.includes(axis) ? 0 : index)).join();
          sums.set(key, (sums.get(key) ?? 0n) + at(x.x, where) - BigInt(x.zero));
        }
        const count = sizeOf(axes.map((axis) => [2, 3, 4][axis]!));
        const expected = [...sums.values()].map((sum) => {
          const mean = roundFraction(over(times(whole(sum), fractionOf(multiplier)), count));
          return clamp(mean, zero.toNumbers()[0]!, bounds.lo, bounds.hi);
        });
        expect(y.toNumbers()).toEqual(expected);
      }),
      { seed: 87, numRuns: 200 },
    );
  });
});

describe('qa.Table', () => {
  it('looks every integer up', () => {
    const x = new Tensor('int4', [5], Int8Array.of(-8, -1, 0, 7, 3));
    const table = new Tensor(
      'uint8',
      [16],
      Uint8Array.from({ length: 16 }, (_, i) => 10 * i),
    );
    expect(runAffine('qa.Table', [x, table]).toNumbers()).toEqual([0, 70, 80, 150, 110]);
  });
});
