import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactPoolScale, quantisePool } from '../../../../src/backends/tinpu/arithmetic/pool-constants.js';

describe('quantisePool', () => {
  it('divides by the true area', () => {
    expect(quantisePool(6, 1, 1)).toEqual({ scale: 171, shift: 10, bias: 3 });
    expect(quantisePool(12, 2, 1)).toEqual({ scale: 171, shift: 10, bias: 3 });
  });

  it('shifts alone where the area and the scales are powers of two', () => {
    expect(quantisePool(4, 1, 1)).toEqual({ scale: 1, shift: 2, bias: 2 });
    expect(quantisePool(128, 0.25, 0.5)).toEqual({ scale: 1, shift: 8, bias: 128 });
    expect(quantisePool(1, 0.5, 0.5)).toEqual({ scale: 1, shift: 0, bias: 0 });
  });

  it('stays within the widths and within what float32 holds exactly, close to the wanted factor', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), fc.double({ min: 0.25, max: 1, noNaN: true }), (area, ratio) => {
        const { scale, shift, bias } = quantisePool(area, 1, ratio);
        expect(Number.isInteger(scale) && scale >= 1 && scale <= 255).toBe(true);
        expect(shift >= 0 && shift <= 31).toBe(true);
        expect(bias).toBeLessThan(2 ** 15);
        expect((area * 255 + bias) * scale).toBeLessThanOrEqual(2 ** 24);
        const wanted = 1 / (ratio * area);
        // Rounding to an integer of at least 8 (what 2^24 leaves for 4096 elements) is off by at most 1/16.
        expect(Math.abs(scale / 2 ** shift / wanted - 1)).toBeLessThanOrEqual(1 / 16);
      }),
      { seed: 51, numRuns: 500 },
    );
  });

  it('divides maps whose sums float32 cannot hold exactly', () => {
    const { scale, shift, bias } = quantisePool(300 * 300, 1, 1);
    // 8 bits of the factor round it by at most 1/256.
    expect(Math.abs((scale / 2 ** shift) * 300 * 300 - 1)).toBeLessThanOrEqual(1 / 256);
    expect(bias).toBe(2 ** 15 - 1);
  });
});

describe('exactPoolScale', () => {
  it('is the next larger scale at which the factor of the window sum has no error', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30000 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.25, max: 1, noNaN: true }),
        (area, inputScale, ratio) => {
          const wanted = inputScale * ratio;
          const exact = exactPoolScale(area, inputScale, wanted);
          expect(exact).toBeGreaterThanOrEqual(wanted * (1 - 1e-8));
          // 30000 sums of 255 leave one bit for the scale at worst, so the next factor below is at least half as large.
          expect(exact).toBeLessThanOrEqual(2 * wanted);
          const { scale, shift } = quantisePool(area, inputScale, exact);
          expect(scale / 2 ** shift / (inputScale / (exact * area))).toBeCloseTo(1, 8);
        },
      ),
      { seed: 52, numRuns: 500 },
    );
  });
});
