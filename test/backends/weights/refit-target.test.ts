import { describe, expect, it } from 'vitest';
import type { GramMatrix } from '../../../src/passes/calibration/gram.js';
import { metricOf } from '../../../src/backends/weights/metric.js';
import { refitTarget } from '../../../src/backends/weights/refit-target.js';
import { randomGram } from '../../support/random-layers.js';

/** The moments when the float layer sees r = factor · x + offset. */
const seenThrough = (gram: GramMatrix, factor: number, offset: number): GramMatrix => ({
  ...gram,
  reference: {
    mean: gram.mean.map((m) => factor * m + offset),
    products: (gram.products ?? expect.fail('no moments')).map(
      (p, at) => factor * p + offset * (gram.mean[Math.floor(at / gram.taps)] ?? NaN),
    ),
  },
});

describe('refitTarget', () => {
  const gram = randomGram(2, 4, 50, 9);
  const weights = Float64Array.of(1, -0.5, 0.25, 2);

  it('scales the weights by what the input lost, short of it by the damping', () => {
    const target = refitTarget(seenThrough(gram, 2, 7), 1, metricOf(gram, 1, true), weights);
    // H = cov + damping, so w + H⁻¹ cov w lies between w and 2w, close to 2w unless a direction hardly varies.
    for (const [i, w] of weights.entries()) {
      expect((target[i] ?? NaN) / w).toBeGreaterThan(1.8);
      expect((target[i] ?? NaN) / w).toBeLessThan(2.2);
    }
  });

  it('leaves weights alone whose layer sees what the float layer sees, or an offset from it', () => {
    const target = refitTarget(seenThrough(gram, 1, 7), 0, metricOf(gram, 0, true), weights);
    for (const [i, w] of weights.entries()) expect(target[i]).toBeCloseTo(w, 9);
  });

  it('needs a reference and the whole matrix', () => {
    expect(refitTarget(gram, 0, metricOf(gram, 0, true), weights)).toBe(weights);
    expect(refitTarget(seenThrough(gram, 2, 0), 0, metricOf(gram, 0, false), weights)).toBe(weights);
  });
});
