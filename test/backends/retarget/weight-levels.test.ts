import { describe, expect, it } from 'vitest';
import { weightLevels } from '../../../src/backends/retarget/weight-levels.js';

const dequantised = (levels: readonly number[], scale: number): Float64Array =>
  Float64Array.from(levels, (q) => Math.fround(q * Math.fround(scale)));

describe('weightLevels', () => {
  it('finds the integers at the scale of the same position first', () => {
    const found = weightLevels(dequantised([2, -4, 6], 0.25), 127, [0.5, 0.25, 0.125], [1, 3]);
    expect(found).toEqual({ scale: 0.25, levels: Float64Array.of(2, -4, 6) });
  });

  it('looks through the other scales, the largest first, where channels have moved', () => {
    expect(weightLevels(dequantised([5, 3], 0.5), 127, [0.7, 0.25, 0.5], [0, 3])?.scale).toBe(0.5);
  });

  it('finds integers at a scale that folding has changed', () => {
    const levels = [127, -3, 44, 0, 91];
    const found = weightLevels(dequantised(levels, 0.0137 * 1.9), 127, [0.0137], [0, 1]);
    expect([...(found?.levels ?? [])]).toEqual(levels);
    expect(found?.scale).toBeCloseTo(0.0137 * 1.9, 7);
  });

  it('takes weights that are all 0 as they are', () => {
    expect(weightLevels(new Float64Array(2), 7, [0.3], [0, 1])).toEqual({ scale: 0.3, levels: new Float64Array(2) });
  });

  it.each([
    ['no multiples of anything', Float64Array.of(1, Math.SQRT2, Math.PI), 127],
    ['integers beyond the limit', dequantised([8, 1], 0.5), 7],
    ['infinite weights', Float64Array.of(1, Infinity), 127],
  ])('finds none in %s', (_, weights, limit) => {
    expect(weightLevels(weights, limit, [0.5], [0, 1])).toBeUndefined();
  });
});
