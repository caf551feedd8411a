import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridOf, integerOf, saturatesAt, spanOf } from '../../../../src/backends/generic/grids/grid.js';

const real = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });

describe('gridOf', () => {
  it('spans a range and 0 with float32 scales, 0 exactly', () => {
    fc.assert(
      fc.property(real, real, fc.constantFrom(8 as const, 4 as const, 2 as const), (a, b, bits) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const grid = gridOf({ min, max }, bits);
        const { scale, zeroPoint } = grid;
        expect(Math.fround(scale)).toBe(scale);
        expect(zeroPoint).toBe(Math.round(zeroPoint));
        expect(integerOf(0, grid)).toBe(zeroPoint);
        // Half a step is lost where the zero point rounds.
        const { lo, hi } = spanOf(grid);
        expect(Math.min(0, min)).toBeGreaterThanOrEqual(lo - scale * 0.501);
        expect(Math.max(0, max)).toBeLessThanOrEqual(hi + scale * 0.501);
      }),
      { seed: 41, numRuns: 300 },
    );
  });

  it('has the scale 1 for zeros', () => {
    expect(gridOf({ min: 0, max: 0 }, 8)).toEqual({ scale: 1, zeroPoint: 0, bits: 8 });
  });
});

describe('saturatesAt', () => {
  const grid = gridOf({ min: 0, max: 6 }, 8);

  it('holds for bounds at the ends or beyond, open ones among them', () => {
    expect(saturatesAt({ lo: 0, hi: 6 }, grid)).toBe(true);
    expect(saturatesAt({ lo: 0, hi: Infinity }, grid)).toBe(true);
    expect(saturatesAt({ lo: -Infinity, hi: 7 }, grid)).toBe(true);
  });

  it('does not hold for bounds within', () => {
    expect(saturatesAt({ lo: 0, hi: 5.9 }, grid)).toBe(false);
    expect(saturatesAt({ lo: 0.1, hi: 6 }, grid)).toBe(false);
  });
});
