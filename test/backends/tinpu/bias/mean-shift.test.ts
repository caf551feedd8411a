import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanShift, squaredError, type BiasEntry } from '../../../../src/backends/tinpu/bias/mean-shift.js';

const entry = (
  accumulators: readonly number[],
  reals: readonly number[],
  more: Partial<BiasEntry> = {},
): BiasEntry => ({
  accumulators: Int32Array.from(accumulators),
  reals: Float32Array.from(reals),
  bias: 0,
  factor: 1 / 4,
  lo: -8,
  hi: 7,
  resultScale: 0.5,
  ...more,
});

/** Results by the words of spec 1.2. */
const results = ({ accumulators, bias, factor, lo, hi }: BiasEntry, shift: number): number[] =>
  Array.from(accumulators, (acc) => Math.min(hi, Math.max(lo, Math.floor((acc + bias + shift) * factor))));
const missBy = (one: BiasEntry, shift: number): number =>
  Math.abs(
    results(one, shift).reduce((sum, y) => sum + y, 0) -
      one.reals.reduce((sum, real) => sum + real, 0) / one.resultScale,
  );

describe('meanShift', () => {
  it('gives back the half that a floor takes when it is missing', () => {
    const accumulators = Array.from({ length: 64 }, (_, i) => i - 32);
    const shift = meanShift(
      entry(
        accumulators,
        accumulators.map((acc) => acc / 8),
        { lo: -100, hi: 100 },
      ),
      -50,
      50,
    );
    // Residues 0 … 3 of a division by 4 lose 1.5 on average; moves of 1 and 2 miss that by as much, the smaller one wins.
    expect(shift).toBe(1);
  });

  it('comes as close as any change within the limits, clipping included', () => {
    const integer = fc.integer({ min: -60, max: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(integer, integer), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: -20, max: 20 }),
        fc.constantFrom(1, 1 / 2, 1 / 8, 3 / 16),
        fc.integer({ min: -90, max: 0 }),
        fc.integer({ min: 0, max: 90 }),
        (pairs, bias, factor, least, most) => {
          const one = entry(
            pairs.map(([acc]) => acc),
            pairs.map(([, real]) => real / 8),
            { bias, factor },
          );
          const shift = meanShift(one, least, most);
          expect(shift).toBeGreaterThanOrEqual(least);
          expect(shift).toBeLessThanOrEqual(most);
          const best = Math.min(...Array.from({ length: most - least + 1 }, (_, i) => missBy(one, least + i)));
          expect(missBy(one, shift)).toBe(best);
          if (missBy(one, 0) === best) expect(shift).toBe(0);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it.each([
    ['without data', entry([], [])],
    ['for numbers that are none', entry([1, 2], [NaN, 1])],
    ['for infinite numbers', entry([1, 2], [Infinity, 1])],
  ])('moves nothing %s', (_, one) => {
    expect(meanShift(one, -100, 100)).toBe(0);
  });
});

describe('squaredError', () => {
  it('weighs results in real units against real numbers', () => {
    // floor((5 + 2 + 1) / 4) = 2 stands for 1, floor((100 + 3) / 4) clips to 7 and stands for 3.5.
    expect(squaredError(entry([5, 100], [1.5, 3], { bias: 2 }), 1)).toBe(0.25 + 0.25);
  });
});
