import { describe, expect, it } from 'vitest';
import { near } from '../../../src/passes/surgery/near.js';

describe('near', () => {
  it('takes constants that exporters round to float32, and products of a few of them, for what they are rounded from', () => {
    for (const wanted of [1 / 6, 0.044715, Math.sqrt(2 / Math.PI), Math.SQRT1_2, 1.702, -1 / 3, 1e-20, 1e20]) {
      expect(near(Math.fround(wanted), wanted)).toBe(true);
      // Four roundings, each of at most 2^-24.
      expect(near(wanted * (1 + 4 * 2 ** -24), wanted)).toBe(true);
      expect(near(wanted * (1 - 4 * 2 ** -24), wanted)).toBe(true);
      for (const off of [2 ** -18, -(2 ** -18), -2]) expect(near(wanted * (1 + off), wanted)).toBe(false);
    }
  });

  it('takes for 0 what is small beside 1', () => {
    expect([0, -0, 2 ** -24, -(2 ** -24)].map((found) => near(found, 0))).toEqual([true, true, true, true]);
    expect([1e-3, -1e-3, 1, -1, NaN, Infinity].map((found) => near(found, 0))).toEqual(new Array(6).fill(false));
  });
});
