import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOfGrid, nearestPoint, scaled, withinRange, type Grid } from '../../../src/backends/compare/grid.js';

const U8: Grid = { scale: 0.5, zeroPoint: 3, lo: 0, hi: 255 };
const S4: Grid = { scale: 2, zeroPoint: 0, lo: -8, hi: 7 };

describe('a grid', () => {
  it.each<[number, Grid, number]>([
    [0.2, U8, 0],
    [0.25, U8, 0.5],
    [-0.25, U8, -0.5],
    [-99, U8, -1.5],
    [999, U8, 126],
    [-16.9, S4, -16],
    [13, S4, 14],
    [15.1, S4, 14],
  ])('has for %d of %j the point %d', (x, grid, point) => {
    expect(nearestPoint(x, grid)).toBe(point);
  });

  it('has no point nearer than the nearest one', () => {
    fc.assert(
      fc.property(fc.double({ min: -200, max: 200, noNaN: true }), (x) => {
        const points = Array.from({ length: 256 }, (_, i) => U8.scale * (i - U8.zeroPoint));
        const least = Math.min(...points.map((point) => Math.abs(point - x)));
        expect(Math.abs(nearestPoint(x, U8) - x)).toBeLessThanOrEqual(least);
      }),
      { seed: 3 },
    );
  });

  it('leaves what rounds to one of its points without saturation', () => {
    expect(withinRange(15, S4)).toBe(15);
    expect(withinRange(15.5, S4)).toBe(15);
    expect(withinRange(-17.5, S4)).toBe(-17);
    expect(withinRange(-1.7, U8)).toBe(-1.7);
    expect(withinRange(-1.9, U8)).toBe(-1.75);
  });

  it('tells its width, and stands for larger numbers', () => {
    expect([bitsOfGrid(U8), bitsOfGrid(S4), bitsOfGrid({ lo: -512, hi: 511 })]).toEqual([8, 4, 10]);
    expect(scaled(S4, 3)).toEqual({ ...S4, scale: 6 });
  });
});
