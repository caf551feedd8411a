import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFloat, type DType } from '../../../src/ir/dtype.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { specOf } from '../../../src/runtime/float/specs.js';
import { shortFloatRounding } from '../../../src/runtime/float/store.js';
import { ExecutionFault } from '../../../src/runtime/kernel.js';
import { compute } from '../../support/compute.js';
import { build, coordinatesOf, dimsOf, expectEqual } from '../../support/naive-tensor.js';
import { tensorFrom, tensorOf, wrapTo } from '../../support/random-tensors.js';
import { execute, type AttributeInputs } from '../../support/run-operator.js';

const run = (name: string, inputs: readonly (Tensor | undefined)[], attrs: AttributeInputs = {}): Tensor => {
  const [result] = compute(specOf(name), ELEMENTWISE_KERNELS, inputs, attrs);
  if (result === undefined) throw new Error('no result');
  return result;
};
const sample = { numRuns: 300, seed: 80 };
type Element = number | bigint;

/** A tensor, some of its axes, and whether they are kept and counted from the end. */
const cases = (
  types: readonly DType[],
  element?: fc.Arbitrary<Element>,
): fc.Arbitrary<[Tensor, number[], boolean, boolean]> =>
  fc
    .tuple(fc.constantFrom(...types), dimsOf({ min: 1 }))
    .chain(([dtype, dims]) =>
      fc.tuple(
        tensorOf(dtype, dims, element),
        fc.shuffledSubarray([...dims.keys()], { minLength: Math.min(1, dims.length) }),
        fc.boolean(),
        fc.boolean(),
      ),
    );

/** The elements that each element of a reduction stands for, by its dims with the axes kept. */
function groups(x: Tensor, axes: readonly number[]): { dims: number[]; members: Element[][] } {
  const all = axes.length === 0 ? [...x.dims.keys()] : axes;
  const dims = x.dims.map((dim, axis) => (all.includes(axis) ? 1 : dim));
  const members = Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (): Element[] => []);
  for (let place = 0; place < x.size; place++) {
    const at = coordinatesOf(place, x.dims).map((position, axis) => (all.includes(axis) ? 0 : position));
    const group = at.reduce((index, position, axis) => index * (dims[axis] ?? 1) + position, 0);
    members[group]?.push(x.data[place] ?? 0);
  }
  return { dims, members };
}

function reduceWith(
  name: string,
  [x, axes, keep, negative]: readonly [Tensor, readonly number[], boolean, boolean],
): Tensor {
  const list = Tensor.int64(axes.map((axis) => (negative ? axis - x.rank : axis)));
  return run(name, [x, list], { keepdims: +keep });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const bigSum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);
const dropped = (dims: readonly number[], x: Tensor, axes: readonly number[]): number[] =>
  dims.filter((_, axis) => !(axes.length === 0 ? [...x.dims.keys()] : axes).includes(axis));

const FLOAT_REDUCTIONS: readonly (readonly [string, (values: readonly number[]) => number])[] = [
  ['ReduceSum', sum],
  ['ReduceMean', (values) => sum(values) / values.length],
  ['ReduceProd', (values) => values.reduce((a, b) => a * b, 1)],
  ['ReduceMax', (values) => Math.max(...values)],
  ['ReduceMin', (values) => Math.min(...values)],
  ['ReduceL1', (values) => sum(values.map(Math.abs))],
  ['ReduceL2', (values) => Math.sqrt(sum(values.map((v) => v * v)))],
  ['ReduceSumSquare', (values) => sum(values.map((v) => v * v))],
  ['ReduceLogSum', (values) => Math.log(sum(values))],
];

const abs = (v: bigint): bigint => (v < 0n ? -v : v);
const INTEGER_REDUCTIONS: readonly (readonly [string, (values: readonly bigint[]) => bigint])[] = [
  ['ReduceSum', bigSum],
  ['ReduceMean', (values) => bigSum(values) / BigInt(values.length)],
  ['ReduceProd', (values) => values.reduce((a, b) => a * b, 1n)],
  ['ReduceMax', (values) => values.reduce((a, b) => (a > b ? a : b))],
  ['ReduceMin', (values) => values.reduce((a, b) => (a < b ? a : b))],
  ['ReduceL1', (values) => bigSum(values.map(abs))],
  ['ReduceSumSquare', (values) => bigSum(values.map((v) => v * v))],
];

describe('reductions', () => {
  it.each(FLOAT_REDUCTIONS)('%s of floats over any axes', (name, f) => {
    // Quarters of small integers: sums are exact in any order, products too as long as there are few factors.
    const quarters = fc.integer({ min: -8, max: 8 }).map((v) => v / 4);
    fc.assert(
      fc.property(cases(['float32', 'float64', 'float16', 'bfloat16'], quarters), (drawn) => {
        const [x, axes, keep] = drawn;
        const { dims, members } = groups(x, axes);
        fc.pre(name !== 'ReduceProd' || members.every((values) => values.length <= 12));
        const round = shortFloatRounding(x.dtype) ?? ((v: number) => (x.dtype === 'float64' ? v : Math.fround(v)));
        const wanted = members.map((values) => round(f(values.map(Number))));
        const result = reduceWith(name, drawn);
        expectEqual(result, tensorFrom(x.dtype, keep ? dims : dropped(dims, x, axes), wanted));
      }),
      sample,
    );
  });

  it.each(INTEGER_REDUCTIONS)('%s of integers is exact and wraps', (name, f) => {
    const types: readonly DType[] = ['int32', 'int64', 'uint32', 'uint64'];
    const narrow: readonly DType[] = ['int8', 'uint8', 'int16', 'uint16'];
    fc.assert(
      fc.property(cases(/M(ax|in)$/.test(name) ? [...types, ...narrow] : types), (drawn) => {
        const [x, axes, keep] = drawn;
        const { dims, members } = groups(x, axes);
        const wanted = members.map((values) => wrapTo(x.dtype, f(values.map(BigInt))));
        expectEqual(reduceWith(name, drawn), tensorFrom(x.dtype, keep ? dims : dropped(dims, x, axes), wanted));
      }),
      sample,
    );
  });

  it('ReduceLogSumExp neither overflows nor underflows', () => {
    const x = tensorFrom('float32', [5, 2], [1000, 1000, -1000, -1000, 1, 2, -Infinity, -Infinity, Infinity, 0]);
    const wanted = [1000 + Math.log(2), -1000 + Math.log(2), 2 + Math.log1p(Math.exp(-1)), -Infinity, Infinity];
    expect(run('ReduceLogSumExp', [x, Tensor.int64([1])]).toNumbers()).toEqual(wanted.map(Math.fround));
  });

  it('ReduceLogSumExp over any axes', () => {
    const moderate = fc.double({ min: -20, max: 20, noNaN: true });
    fc.assert(
      fc.property(cases(['float64'], moderate), (drawn) => {
        const [x, axes] = drawn;
        const { members } = groups(x, axes);
        const result = reduceWith('ReduceLogSumExp', drawn);
        for (const [i, values] of members.entries()) {
          // Both formulas round some 600 terms at most, each to 1e-16 relative.
          expect(result.data[i]).toBeCloseTo(Math.log(sum(values.map((v) => Math.exp(Number(v))))), 12);
        }
      }),
      sample,
    );
  });

  it('extremes of truth values are any and all', () => {
    const x = tensorFrom('bool', [3, 2], [0, 0, 0, 1, 1, 1]);
    expect(run('ReduceMax', [x, Tensor.int64([1])]).toNumbers()).toEqual([0, 1, 1]);
    expect(run('ReduceMin', [x, Tensor.int64([1])]).toNumbers()).toEqual([0, 0, 1]);
  });

  it.each(['ReduceMax', 'ReduceMin', 'ReduceSum'])('%s of NaN is NaN wherever it stands', (name) => {
    for (const row of [
      [NaN, 1, 2],
      [1, NaN, 2],
      [1, 2, NaN],
    ]) {
      expect(run(name, [tensorFrom('float32', [3], row)]).toNumbers()).toEqual([NaN]);
    }
  });

  it.each([
    ['ReduceSum', 'float32', 0],
    ['ReduceProd', 'float32', 1],
    ['ReduceMax', 'float32', -Infinity],
    ['ReduceMin', 'float32', Infinity],
    ['ReduceMean', 'float32', NaN],
    ['ReduceL2', 'float32', 0],
    ['ReduceLogSum', 'float32', -Infinity],
    ['ReduceLogSumExp', 'float32', -Infinity],
    ['ReduceMax', 'int8', -128],
    ['ReduceMin', 'uint16', 65535],
    ['ReduceMax', 'bool', 0],
    ['ReduceMin', 'bool', 1],
    ['ReduceProd', 'int32', 1],
    ['ReduceMean', 'int32', 0],
    ['ReduceMax', 'int64', -(2n ** 63n)],
    ['ReduceMin', 'uint64', 2n ** 64n - 1n],
    ['ReduceSum', 'int64', 0n],
  ] as const)('%s of no %s at all is %s', (name, dtype, wanted) => {
    const result = run(name, [Tensor.zeros(dtype, [2, 0]), Tensor.int64([1])]);
    expect(result).toEqual(tensorFrom(dtype, [2, 1], [wanted, wanted]));
    expect(run(name, [Tensor.zeros(dtype, [2, 0]), Tensor.int64([0])]).dims).toEqual([1, 0]);
  });

  it('empty axes mean all, or none', () => {
    const x = tensorFrom('float32', [2], [3, -4]);
    expect(run('ReduceSum', [x, Tensor.int64([])]).toNumbers()).toEqual([-1]);
    expect(run('ReduceSum', [x], { noop_with_empty_axes: 1 }).toNumbers()).toEqual([3, -4]);
    expect(run('ReduceSumSquare', [x, Tensor.int64([])], { noop_with_empty_axes: 1 }).toNumbers()).toEqual([9, 16]);
    expect(run('ReduceL1', [x], { noop_with_empty_axes: 1, keepdims: 0 }).toNumbers()).toEqual([3, 4]);
    expect(run('ReduceSum', [tensorFrom('float32', [], [5])]).toNumbers()).toEqual([5]);
  });

  it('axes that only running reveals are checked', () => {
    const x = tensorFrom('float32', [2], [3, -4]);
    const wrong = (): unknown => execute(specOf('ReduceSum'), ELEMENTWISE_KERNELS, [x, Tensor.int64([1])]);
    expect(wrong).toThrow(ExecutionFault);
    expect(wrong).toThrow('accepted: -1 to 0');
  });

  it('accumulates more precisely than float32', () => {
    const x = new Tensor('float32', [100_000], new Float32Array(100_000).fill(0.1));
    expect(run('ReduceMean', [x]).data[0]).toBe(Math.fround(0.1));
  });
});

describe('ArgMax and ArgMin', () => {
  const draws = fc
    .tuple(fc.constantFrom<DType>('float32', 'float16', 'int8', 'int64', 'uint64'), dimsOf({ minRank: 1, min: 1 }))
    .chain(([dtype, dims]) =>
      fc.tuple(
        // Few different values, so that most lines have ties.
        tensorOf(
          dtype,
          dims,
          fc.nat({ max: 2 }).map((v) => (dtype.endsWith('64') ? BigInt(v) : v)),
        ),
        fc.integer({ min: -dims.length, max: dims.length - 1 }),
        fc.boolean(),
        fc.boolean(),
      ),
    );

  it.each(['ArgMax', 'ArgMin'])('%s names the first or last extreme', (name) => {
    fc.assert(
      fc.property(draws, ([x, axis, keep, last]) => {
        const { dims, members } = groups(x, [axis < 0 ? axis + x.rank : axis]);
        const wanted = members.map((line) => {
          const extreme = line.reduce((a, b) => (name === 'ArgMax' ? (b > a ? b : a) : b < a ? b : a));
          return BigInt(last ? line.lastIndexOf(extreme) : line.indexOf(extreme));
        });
        const shape = keep ? dims : dims.toSpliced(axis < 0 ? axis + x.rank : axis, 1);
        const attrs = { axis, keepdims: +keep, select_last_index: +last };
        expectEqual(run(name, [x], attrs), tensorFrom('int64', shape, wanted));
      }),
      sample,
    );
  });

  it('NaN is more extreme than any number', () => {
    const x = tensorFrom('float32', [5], [1, NaN, 9, NaN, -9]);
    for (const name of ['ArgMax', 'ArgMin']) {
      expect(run(name, [x]).toNumbers()).toEqual([1]);
      expect(run(name, [x], { select_last_index: 1 }).toNumbers()).toEqual([3]);
    }
  });

  it('an empty line has none', () => {
    expect(() => run('ArgMax', [Tensor.zeros('float32', [0, 2])])).toThrow('along an axis of size 0');
    expect(run('ArgMax', [Tensor.zeros('float32', [0, 2])], { axis: 1 }).dims).toEqual([0, 1]);
  });
});

describe('CumSum', () => {
  const draws = fc
    .tuple(fc.constantFrom<DType>('float32', 'float64', 'int32', 'int64', 'uint32', 'uint64'), dimsOf({ minRank: 1 }))
    .chain(([dtype, dims]) =>
      fc.tuple(
        isFloat(dtype) ? tensorOf(dtype, dims, fc.integer({ min: -9, max: 9 })) : tensorOf(dtype, dims),
        fc.integer({ min: -dims.length, max: dims.length - 1 }),
        fc.boolean(),
        fc.boolean(),
      ),
    );

  it('adds up along an axis in either direction', () => {
    fc.assert(
      fc.property(draws, ([x, axis, exclusive, reverse]) => {
        const along = axis < 0 ? axis + x.rank : axis;
        const wanted = build(x.dtype, x.dims, (at) => {
          let total = 0n;
          for (let i = 0; i < (x.dims[along] ?? 0); i++) {
            const position = at[along] ?? 0;
            const counts = i === position ? !exclusive : reverse ? i > position : i < position;
            if (!counts) continue;
            const place = at.with(along, i).reduce((offset, p, a) => offset * (x.dims[a] ?? 1) + p, 0);
            total += BigInt(x.data[place] ?? 0);
          }
          return isFloat(x.dtype) ? Number(total) : wrapTo(x.dtype, total);
        });
        const result = run('CumSum', [x, Tensor.int64(axis)], { exclusive: +exclusive, reverse: +reverse });
        expect(result.toNumbers().map((v) => v + 0)).toEqual(wanted.toNumbers());
        if (!isFloat(x.dtype)) expectEqual(result, wanted);
      }),
      sample,
    );
  });
});

describe('TopK', () => {
  it('sorts every line by value, then by index', () => {
    const draws = fc
      .tuple(fc.constantFrom<DType>('float32', 'int8', 'int64'), dimsOf({ minRank: 1, min: 1 }))
      .chain(([dtype, dims]) =>
        fc.tuple(
          tensorOf(
            dtype,
            dims,
            fc.integer({ min: -2, max: 2 }).map((v) => (dtype === 'int64' ? BigInt(v) : v)),
          ),
          fc.nat({ max: dims.length - 1 }),
          fc.nat({ max: 5 }),
          fc.boolean(),
        ),
      );
    fc.assert(
      fc.property(draws, ([x, axis, count, largest]) => {
        const k = Math.min(count, x.dims[axis] ?? 0);
        const { dims, members } = groups(x, [axis]);
        const sorted = members.map((line) =>
          line
            .map((value, index) => ({ value, index }))
            .sort((a, b) => (largest ? -1 : 1) * (Number(a.value) - Number(b.value)) || a.index - b.index),
        );
        const picked = (at: readonly number[]): { value: Element; index: number } | undefined =>
          sorted[at.with(axis, 0).reduce((offset, p, a) => offset * (dims[a] ?? 1) + p, 0)]?.[at[axis] ?? 0];
        const shape = x.dims.with(axis, k);
        const attrs = { axis, largest: +largest };
        const [values, indices] = compute(specOf('TopK'), ELEMENTWISE_KERNELS, [x, Tensor.int64([k])], attrs, 2);
        expectEqual(
          values,
          build(x.dtype, shape, (at) => picked(at)?.value ?? 0),
        );
        expectEqual(
          indices,
          build('int64', shape, (at) => BigInt(picked(at)?.index ?? -1)),
        );
      }),
      sample,
    );
  });

  it('NaN is the largest', () => {
    const x = tensorFrom('float32', [4], [1, NaN, 3, NaN]);
    expect(run('TopK', [x, Tensor.int64([3])]).toNumbers()).toEqual([NaN, NaN, 3]);
    expect(run('TopK', [x, Tensor.int64([3])], { largest: 0 }).toNumbers()).toEqual([1, 3, NaN]);
  });
});
