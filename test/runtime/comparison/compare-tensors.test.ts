import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareElements, distance, positionOf } from '../../../src/runtime/comparison/compare-tensors.js';

describe('compareElements', () => {
  it('tells how many differ, the first and the largest', () => {
    const found = compareElements([1, 2, 3, 4, 5, 6], [1, 3, 3, 9, 5, 7], [2, 3]);
    expect(found).toEqual({
      elements: 6,
      differing: 3,
      first: { index: 1, position: [0, 1], expected: 2, got: 3 },
      largest: { index: 3, position: [1, 0], expected: 4, got: 9 },
    });
  });

  it('leaves out differences up to the tolerance', () => {
    expect(compareElements([0, 0, 0], [1, 2, 3], [3], 2)).toMatchObject({ differing: 1, first: { index: 2 } });
    expect(compareElements([0, 0], [1, 2], [2], 2)).toMatchObject({
      differing: 0,
      first: undefined,
      largest: undefined,
    });
  });

  it('finds NaN against a number, and takes NaN and signs of zero as they are', () => {
    expect(compareElements([NaN, 0, 1], [NaN, -0, NaN], [3])).toMatchObject({ differing: 1, largest: { index: 2 } });
    expect(compareElements([Infinity], [-Infinity], [1], 1e300).differing).toBe(1);
    expect([distance(NaN, NaN), distance(Infinity, Infinity), distance(NaN, 1)]).toEqual([0, 0, Infinity]);
  });

  it('refuses lists of other lengths', () => {
    expect(() => compareElements([1], [1, 2], [2])).toThrow(RangeError);
  });

  it('finds exactly the elements that were changed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        (list, at, by) => {
          const changed = list.with(at % list.length, (list[at % list.length] ?? 0) + by);
          const found = compareElements(list, changed, [list.length]);
          expect(found).toMatchObject({ differing: 1, first: { index: at % list.length } });
          expect(found.largest).toEqual(found.first);
        },
      ),
      { seed: 3 },
    );
  });
});

describe('positionOf', () => {
  it('goes through a tensor in row-major order', () => {
    const seen: number[][] = [];
    for (let a = 0; a < 2; a++) for (let b = 0; b < 3; b++) for (let c = 0; c < 2; c++) seen.push([a, b, c]);
    expect(seen.map((_, i) => positionOf(i, [2, 3, 2]))).toEqual(seen);
    expect(positionOf(0, [])).toEqual([]);
  });
});
