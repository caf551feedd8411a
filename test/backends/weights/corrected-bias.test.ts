import { describe, expect, it } from 'vitest';
import { biasCorrection } from '../../../src/backends/weights/corrected-bias.js';
import { randomGram } from '../../support/random-layers.js';

describe('biasCorrection', () => {
  const weights = Float64Array.of(0.4, -1.1);
  const levels = Float64Array.of(1, -2);

  it('keeps the mean of the result', () => {
    const gram = randomGram(2, 2, 10, 3);
    const bias = biasCorrection(gram, 1, weights, 5)(levels, 0.5);
    const [a = NaN, b = NaN] = gram.mean.subarray(2, 4);
    expect(bias + 0.5 * a - 1 * b).toBeCloseTo(5 + 0.4 * a - 1.1 * b, 12);
  });

  it('aims at what the float layer sees where that is known', () => {
    const gram = {
      ...randomGram(1, 2, 10, 3),
      reference: { mean: Float64Array.of(3, 4), products: new Float64Array(4) },
    };
    const [a = NaN, b = NaN] = gram.mean;
    expect(biasCorrection(gram, 0, weights, 5)(levels, 0.5) + 0.5 * a - 1 * b).toBeCloseTo(5 + 0.4 * 3 - 1.1 * 4, 12);
  });

  it('is the bias itself without statistics', () => {
    expect(biasCorrection(undefined, 0, weights, 5)(levels, 0.5)).toBe(5);
  });
});
