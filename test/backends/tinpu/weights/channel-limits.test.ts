import { describe, expect, it } from 'vitest';
import { FLOAT32_EXACT } from '../../../../src/backends/tinpu/arithmetic/accumulators.js';
import {
  accumulatorPeak,
  integerBias,
  saturateBias,
  violatedBy,
  type ChannelLimits,
} from '../../../../src/backends/tinpu/weights/channel-limits.js';
import { exactMultiplier, widthsOf } from '../../../../src/backends/tinpu/weights/multiplier.js';

describe('integerBias', () => {
  it('rounds bias and rounding half together', () => {
    // 1 / (0.5 · 3/8) = 5.33 and 2^2 / 3 = 1.33; one by one they would become 5 + 1.
    expect(integerBias(1, exactMultiplier(3, 3), 0.5)).toBe(7);
    expect(integerBias(-1, exactMultiplier(3, 3), 0.5)).toBe(-4);
  });

  it('adds no half where nothing is rounded off', () => {
    expect(integerBias(7, exactMultiplier(1, 0), 0.5)).toBe(14);
    expect(integerBias(6, exactMultiplier(3, 0), 1)).toBe(2);
  });
});

describe('saturateBias', () => {
  it('keeps to 24 and 16 bits', () => {
    expect([1e9, -1e9, 5, Infinity].map((b) => saturateBias(b, widthsOf(8)))).toEqual([8388607, -8388608, 5, 8388607]);
    expect([1e9, -1e9, 5].map((b) => saturateBias(b, widthsOf(2)))).toEqual([32767, -32768, 5]);
  });
});

describe('accumulatorPeak', () => {
  it('is the largest magnitude that any partial sum reaches', () => {
    const weights = Float64Array.of(3, -2, 0);
    expect(accumulatorPeak(weights, { lo: 0, hi: 255 })).toBe(3 * 255);
    expect(accumulatorPeak(weights, { lo: -128, hi: 127 })).toBe(3 * 128 + 2 * 127);
    // Inputs that exclude 0 are still 0 in the padding.
    expect(accumulatorPeak(weights, { lo: 5, hi: 9 })).toBe(27);
  });
});

describe('violatedBy', () => {
  const limits: ChannelLimits = {
    widths: widthsOf(4),
    inputRange: { lo: 0, hi: 255 },
    outputScale: 1,
    exactBound: FLOAT32_EXACT,
  };
  const seven = Float64Array.of(7);

  it('names the constraint that is broken', () => {
    expect(violatedBy(limits, exactMultiplier(3, 9), seven, 10)).toBeUndefined();
    expect(violatedBy(limits, exactMultiplier(1, 32), seven, 0)).toBe('multiplier-range');
    expect(violatedBy(limits, exactMultiplier(1, 9), seven, 100)).toBe('bias-width');
    expect(violatedBy(limits, exactMultiplier(1, 17), seven, 0)).toBe('bias-width');
    expect(violatedBy({ ...limits, exactBound: 2000 }, exactMultiplier(3, 9), seven, 0)).toBe('carrier');
  });

  it('takes the bounds themselves', () => {
    // (7 · 255 + 85) · 3, where 85 is 2^8 / 3 rounded.
    const bound = (7 * 255 + 85) * 3;
    expect(violatedBy({ ...limits, exactBound: bound }, exactMultiplier(3, 9), seven, 0)).toBeUndefined();
    expect(violatedBy({ ...limits, exactBound: bound - 1 }, exactMultiplier(3, 9), seven, 0)).toBe('carrier');
    const wide = { ...limits, exactBound: Infinity, inputRange: { lo: 0, hi: 2 ** 31 / 7 } };
    expect(violatedBy(wide, exactMultiplier(1, 0), seven, 0)).toBe('accumulator-width');
  });
});
