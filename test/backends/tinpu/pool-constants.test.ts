import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantisePool } from '../../../src/backends/tinpu/pool-constants.js';

describe('quantisePool', () => {
  it('divides by the true area', () => {
    expect(quantisePool(6, 1, 1)).toEqual({ scale: 171, shift: 10, bias: 3 });
    expect(quantisePool(4, 1, 1)).toEqual({ scale: 128, shift: 9, bias: 2 });
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
});
