import { describe, expect, it } from 'vitest';
import { keptMultiplier } from '../../../src/backends/retarget/keep-channel.js';
import { widthsOf } from '../../../src/backends/tinpu/weights/multiplier.js';

const levels = Float64Array.of(127, -3, 50);
const narrow = Float64Array.of(7, -3, 5);
const limits = (bits: 8 | 4, exactBound: number = 2 ** 24) => ({
  widths: widthsOf(bits),
  inputRange: { lo: 0, hi: 255 },
  outputScale: 1,
  exactBound,
});

describe('keptMultiplier', () => {
  it('is the power of two that the trained scales make', () => {
    expect(keptMultiplier({ scale: 2 ** -9, levels }, 0, 1, limits(8))).toEqual({ value: 2 ** -9, scale: 1, shift: 9 });
  });

  it('may be off by less than half a step of the largest weight', () => {
    expect(keptMultiplier({ scale: 1.003 * 2 ** -9, levels }, 0, 1, limits(8))?.shift).toBe(9);
    expect(keptMultiplier({ scale: 1.005 * 2 ** -9, levels }, 0, 1, limits(8))).toBeUndefined();
  });

  it.each([
    ['above 1', 2, 0],
    ['that makes the bias leave 24 bits', 2 ** -20, 100],
    ['below the largest shift', 2 ** -32, 0],
  ])('does not exist for a multiplier %s', (_, scale, bias) => {
    expect(keptMultiplier({ scale, levels }, bias, 1, limits(8))).toBeUndefined();
  });

  it('has 8 bits beside narrow weights', () => {
    const wanted = 0.0123;
    const found = keptMultiplier({ scale: wanted, levels: narrow }, 0, 1, limits(4));
    expect(found?.scale).toBeLessThanOrEqual(255);
    expect(Math.abs((found?.value ?? NaN) / wanted - 1)).toBeLessThan(1 / 255);
  });

  it('has fewer bits where the carrier asks for it', () => {
    const wanted = 0.0125;
    // (15 · 255 + half of the shift) · scale within 2^16: at most 16, and 13 / 1024 is close.
    const found = keptMultiplier({ scale: wanted, levels: narrow }, 0, 1, limits(4, 2 ** 16));
    expect(found?.scale).toBe(13);
    expect(Math.abs((found?.value ?? NaN) / wanted - 1)).toBeLessThan(1 / 32);
  });
});
