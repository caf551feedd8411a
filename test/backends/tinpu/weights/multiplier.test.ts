import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  exactMultiplier,
  isExpressible,
  multipliersBetween,
  widthsOf,
} from '../../../../src/backends/tinpu/weights/multiplier.js';

describe('multipliersBetween', () => {
  it('gives every product of a small integer and a power of two in the range, once, in order', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-4, max: 4, noNaN: true }),
        fc.double({ min: 1, max: 8, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        (lo, ratio, maxScale) => {
          const hi = lo * ratio;
          const expected = new Set<number>();
          for (let shift = -10; shift <= 40; shift++) {
            for (let scale = 1; scale <= maxScale; scale++) {
              const value = scale * 2 ** -shift;
              if (value >= lo && value <= hi) expected.add(value);
            }
          }
          const found = multipliersBetween(lo, hi, maxScale);
          expect(found.map(({ value }) => value)).toEqual([...expected].sort((a, b) => a - b));
          for (const { value, scale, shift } of found) expect(scale * 2 ** -shift).toBe(value);
        },
      ),
      { seed: 81, numRuns: 100 },
    );
  });

  it('writes a whole multiplier that fits without a shift', () => {
    expect(multipliersBetween(6, 6, 255)).toEqual([{ value: 6, scale: 6, shift: 0 }]);
    expect(multipliersBetween(512, 512, 255)).toEqual([{ value: 512, scale: 1, shift: -9 }]);
  });

  it('gives multipliers at both ends of the range, however large or small', () => {
    for (let power = -40; power <= 40; power++) {
      for (const odd of [1, 3, 251, 253, 255]) {
        const [lo, hi] = [odd * 2 ** power, 2 * odd * 2 ** power];
        const values = multipliersBetween(lo, hi, 255).map(({ value }) => value);
        expect([values.at(0), values.at(-1)]).toEqual([lo, hi]);
      }
    }
  });

  it('has nothing for ranges without finite positive bounds', () => {
    expect(multipliersBetween(0, 1, 255)).toEqual([]);
    expect(multipliersBetween(NaN, 1, 255)).toEqual([]);
    expect(multipliersBetween(1, Infinity, 255)).toEqual([]);
  });
});

describe('widthsOf', () => {
  it('has the rows of the BNORM table', () => {
    expect(widthsOf(8)).toEqual({ limit: 127, maxScale: 1, maxBias: 2 ** 23 - 1 });
    expect(widthsOf(4)).toEqual({ limit: 7, maxScale: 255, maxBias: 2 ** 15 - 1 });
    expect(widthsOf(2)).toEqual({ limit: 1, maxScale: 255, maxBias: 2 ** 15 - 1 });
  });
});

describe('exactMultiplier', () => {
  it('takes the smallest scale that writes the same number', () => {
    expect(exactMultiplier(96, 9)).toEqual({ value: 96 / 512, scale: 3, shift: 4 });
    expect(exactMultiplier(96, 2)).toEqual({ value: 24, scale: 24, shift: 0 });
  });
});

describe('isExpressible', () => {
  it('knows the widths of scale and shift', () => {
    const [wide, narrow] = [widthsOf(8), widthsOf(4)];
    expect(isExpressible({ value: 1, scale: 1, shift: 0 }, wide)).toBe(true);
    expect(isExpressible({ value: 2, scale: 2, shift: 0 }, wide)).toBe(false);
    expect(isExpressible({ value: 2, scale: 2, shift: 0 }, narrow)).toBe(true);
    expect(isExpressible({ value: 256, scale: 1, shift: -8 }, narrow)).toBe(false);
    expect(isExpressible({ value: 2 ** -31, scale: 1, shift: 31 }, narrow)).toBe(true);
    expect(isExpressible({ value: 2 ** -32, scale: 1, shift: 32 }, narrow)).toBe(false);
  });
});
