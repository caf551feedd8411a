import { describe, expect, it } from 'vitest';
import type { BoundVector, ExpectedTensor } from '../../../src/backends/verify/bound-vector.js';
import { fitsVector, judgeVector } from '../../../src/backends/verify/judge-vector.js';
import { InternalError } from '../../../src/ir/diagnostics.js';
import { Tensor } from '../../../src/ir/tensor.js';

const vectorOf = (...expected: readonly ExpectedTensor[]): BoundVector => ({
  label: 'set 3',
  feeds: new Map(),
  forced: new Map(),
  truncatedFeeds: undefined,
  expected,
});
const bytes = (dims: readonly number[], ...values: readonly number[]): Tensor =>
  new Tensor('int8', dims, Int8Array.from(values));
const ORDER = new Map([
  ['a', 0],
  ['b', 1],
]);

describe('judgeVector', () => {
  it('rounds decimals to a float32 tensor, but not integers, which are exact', () => {
    const results = new Map([['output y', Tensor.float32([1], [2 ** 24])]]);
    const equal = (elements: readonly number[], integers?: boolean): boolean | undefined =>
      judgeVector(
        vectorOf({ name: 'y', kind: 'output', elements, ...(integers && { integers }) }),
        results,
        ORDER,
        0,
      )[0]?.equal;
    expect(equal([2 ** 24 + 1])).toBe(true);
    expect(equal([2 ** 24 + 1], true)).toBe(false);
    expect(equal([2 ** 24], true)).toBe(true);
  });

  it('tells the input sequence first, then tensors as they are computed, then outputs as they are given', () => {
    const one = (name: string, kind: ExpectedTensor['kind'], given?: readonly number[]): ExpectedTensor => ({
      name,
      kind,
      elements: [1],
      ...(given && { given }),
    });
    const expected = [
      one('z', 'output'),
      one('b', 'tensor'),
      one('y', 'output'),
      one('a', 'tensor'),
      one('header', 'input-sequence', [1]),
    ];
    const results = new Map(
      ['output z', 'output y', 'tensor a', 'tensor b'].map((key) => [key, bytes([1], 1)] as const),
    );
    const verdicts = judgeVector(vectorOf(...expected), results, ORDER, 0);
    expect(verdicts.map(({ name }) => name)).toEqual(['header', 'a', 'b', 'z', 'y']);
    expect(verdicts.every(({ equal }) => equal)).toBe(true);
  });

  it('keeps an output and a tensor of one name apart', () => {
    const expected = (['output', 'tensor'] as const).map((kind) => ({ name: 'a', kind, elements: [5] }));
    const results = new Map([
      ['output a', bytes([1], 5)],
      ['tensor a', bytes([1], 6)],
    ]);
    const verdicts = judgeVector(vectorOf(...expected), results, ORDER, 0);
    expect(verdicts.map(({ kind, equal }) => [kind, equal])).toEqual([
      ['tensor', false],
      ['output', true],
    ]);
  });

  it('tells how many elements differ, the first and the largest, at their places', () => {
    const wanted = { name: 'y', kind: 'output', elements: [1, 2, 3, 4, 5, 6] } as const;
    const results = new Map([['output y', bytes([2, 3], 1, 3, 3, 4, 9, 6)]]);
    const [verdict] = judgeVector(vectorOf(wanted), results, ORDER, 0);
    expect(verdict).toMatchObject({
      dims: [2, 3],
      equal: false,
      differing: 2,
      first: { position: [0, 1], expected: 2, got: 3 },
      largest: { position: [1, 1], expected: 5, got: 9 },
    });
    const [tolerant] = judgeVector(vectorOf(wanted), results, ORDER, 4);
    expect(tolerant).toMatchObject({ equal: true, differing: 0, patterns: [] });
  });

  it('rounds decimals to float32 where that is what the model computes, and nowhere else', () => {
    const wanted = { name: 'y', kind: 'output', elements: [0.1] } as const;
    const judged = (result: Tensor): boolean | undefined =>
      judgeVector(vectorOf(wanted), new Map([['output y', result]]), ORDER, 0)[0]?.equal;
    expect(judged(Tensor.float32([1], [0.1]))).toBe(true);
    expect(judged(Tensor.float32([1], [0.1000001]))).toBe(false);
    expect(judged(new Tensor('float64', [1], Float64Array.of(Math.fround(0.1))))).toBe(false);
  });

  it('refuses another number of elements, and never misses a result', () => {
    const wanted = vectorOf({ name: 'y', kind: 'output', elements: [1, 2] });
    const judge = (result: Tensor | undefined): unknown =>
      judgeVector(wanted, new Map(result && [['output y', result]]), ORDER, 0);
    expect(() => judge(bytes([1, 3], 1, 2, 3))).toThrow("set 3: 'y' has 2 elements, the model computes 1x3");
    expect(() => judge(undefined)).toThrow(InternalError);
  });
});

describe('fitsVector', () => {
  const wanted = vectorOf({ name: 'a', kind: 'tensor', elements: [1] }, { name: 'y', kind: 'output', elements: [2] });
  const fits = (...results: readonly (readonly [string, number])[]): boolean =>
    fitsVector(wanted, new Map(results.map(([key, value]) => [key, bytes([1], value)])), 0);
  it('looks at what was computed alone, of which there must be some', () => {
    expect(fits(['tensor a', 1], ['output y', 2])).toBe(true);
    expect(fits(['output y', 2])).toBe(true);
    expect(fits(['tensor a', 1], ['output y', 3])).toBe(false);
    expect(fits()).toBe(false);
  });
});
