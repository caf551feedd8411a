import { describe, expect, it } from 'vitest';
import { uniformSource } from '../../../src/ir/random.js';
import { applyMetric, errorOf, metricOf, plainMetric, rowProducts } from '../../../src/backends/weights/metric.js';
import { randomGram } from '../../support/random-layers.js';

/** Decimals that float64 keeps of sums of a few dozen numbers below 10. */
const DIGITS = 9;

describe('metricOf', () => {
  it('is the covariance of the group, damped by a hundredth of its mean variance', () => {
    const gram = randomGram(2, 3, 20, 7);
    const { diagonal, full } = metricOf(gram, 1, true);
    const variances = [3, 4, 5].map((i) => (gram.diagonal[i] ?? NaN) - (gram.mean[i] ?? NaN) ** 2);
    const damping = variances.reduce((sum, v) => sum + v, 0) / 300;
    for (const [i, variance] of variances.entries()) expect(diagonal[i]).toBeCloseTo(variance + damping, DIGITS);
    const covariance = (gram.products?.[9 + 0 * 3 + 2] ?? NaN) - (gram.mean[3] ?? NaN) * (gram.mean[5] ?? NaN);
    expect(full?.matrix[2]).toBeCloseTo(covariance, DIGITS);
    expect(full?.matrix[6]).toBeCloseTo(covariance, DIGITS);
  });

  it('is damped the more, the fewer patches there are for the taps', () => {
    const [taps, caution] = [3, 2];
    for (const [patches, part] of [
      [10, (caution * taps) / 10],
      [60, (caution * taps) / 60],
      // 6 / 1000 is less than the hundredth that there is at least.
      [1000, 0.01],
    ] as const) {
      const gram = randomGram(1, taps, patches, 7);
      const variances = Array.from(gram.diagonal, (square, i) => square - (gram.mean[i] ?? NaN) ** 2);
      const damping = (part * variances.reduce((sum, v) => sum + v, 0)) / taps;
      const { diagonal, full } = metricOf(gram, 0, true, caution);
      for (const [i, variance] of variances.entries()) {
        expect(diagonal[i]).toBeCloseTo(variance + damping, DIGITS);
        expect(full?.matrix[i * taps + i]).toBe(diagonal[i]);
      }
      // Correlations themselves stay as they are.
      expect(full?.matrix[1]).toBe(metricOf(gram, 0, true).full?.matrix[1]);
    }
  });

  it('leaves the other moments out without feedback', () => {
    expect(metricOf(randomGram(1, 3, 20, 7), 0, false).full).toBeUndefined();
  });

  it('counts every tap alike where the input never changes', () => {
    expect(metricOf(randomGram(1, 2, 1, 3), 0, true)).toEqual(plainMetric(2));
  });
});

describe('rowProducts', () => {
  it('are those of every row, however many there are, each summed in order', () => {
    const next = uniformSource(4);
    const numbers = (length: number): Float64Array => Float64Array.from({ length }, () => next());
    for (let taps = 0; taps <= 13; taps++) {
      for (const start of [0, 5]) {
        const [matrix, v] = [numbers(start + taps * taps + 3), numbers(taps)];
        const wanted = new Float64Array(taps);
        for (let i = 0; i < taps; i++)
          for (let j = 0; j < taps; j++) wanted[i]! += matrix[start + i * taps + j]! * v[j]!;
        expect(rowProducts(matrix, start, taps, v)).toEqual(wanted);
      }
    }
  });
});

describe('errorOf', () => {
  it('is eᵀ H e, with H diagonal or not', () => {
    for (const feedback of [true, false]) {
      const metric = metricOf(randomGram(2, 5, 40, 9), 1, feedback);
      const h = (i: number, j: number): number => metric.full?.matrix[i * 5 + j] ?? (i === j ? metric.diagonal[i]! : 0);
      const e = Float64Array.of(0.5, -1, 0.25, 2, -0.125);
      const products = Float64Array.from(e, (_, i) => e.reduce((sum, x, j) => sum + h(i, j) * x, 0));
      for (const [i, product] of applyMetric(metric, e).entries()) expect(product).toBeCloseTo(products[i]!, DIGITS);
      expect(errorOf(metric, e)).toBeCloseTo(
        e.reduce((sum, x, i) => sum + x * products[i]!, 0),
        DIGITS,
      );
      expect(errorOf(metric, e)).toBeGreaterThan(0);
    }
  });
});
