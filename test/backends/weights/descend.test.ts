import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeSquares } from '../../../src/backends/weights/square-sum.js';
import { descend } from '../../../src/backends/weights/descend.js';
import { applyMetric, errorOf, metricOf } from '../../../src/backends/weights/metric.js';
import { randomGram, randomWeights } from '../../support/random-layers.js';

describe('descend', () => {
  it('ends where no single weight gains, below the start, with the gradient kept', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), fc.constantFrom(1, 7), fc.nat(), (taps, limit, seed) => {
        const metric = metricOf(randomGram(1, taps, 2 * taps, seed), 0, true);
        const full = metric.full ?? expect.fail('no matrix');
        const weights = Float64Array.from(randomWeights(taps, seed + 1));
        const scale = 1.7 / limit;
        const errorAt = (levels: Float64Array): number =>
          errorOf(
            metric,
            levels.map((q, i) => scale * q - (weights[i] ?? NaN)),
          );
        const levels = weights.map((w) => Math.max(-limit, Math.min(limit, Math.round(w / scale))));
        const start = errorAt(levels);
        const gradient = applyMetric(
          metric,
          levels.map((q, i) => scale * q - (weights[i] ?? NaN)),
        );
        descend(full, metric.diagonal, { levels, gradient, scale, limit, sweeps: 100, pairSweeps: 2 });
        const end = errorAt(levels);
        expect(end).toBeLessThanOrEqual(start * (1 + 1e-12));
        expect(levels.every((q) => Number.isInteger(q) && Math.abs(q) <= limit)).toBe(true);
        for (let i = 0; i < taps; i++) {
          for (const by of [-1, 1]) {
            const other = levels.with(i, (levels[i] ?? NaN) + by);
            // Gains below a part in 10^9 are left to rounding.
            if (Math.abs(other[i] ?? NaN) <= limit) expect(errorAt(other)).toBeGreaterThan(end - 1e-6);
          }
        }
        const exact = applyMetric(
          metric,
          levels.map((q, i) => scale * q - (weights[i] ?? NaN)),
        );
        for (const [i, g] of exact.entries()) expect(gradient[i]).toBeCloseTo(g, 9);
      }),
      { seed: 111, numRuns: 150 },
    );
  });

  it('changes two weights together where neither gains alone', () => {
    // (e0 - e1)² + 0.1 (e0² + e1²) with e = q - 0.6: one step of a single weight costs, one of both gains.
    const matrix = Float64Array.of(1.1, -1, -1, 1.1);
    const squares = completeSquares(matrix, Float64Array.of(1.1, 1.1));
    const levels = Float64Array.of(0, 0);
    const weights = [0.6, 0.6];
    const gradient = Float64Array.of(-0.6 * 0.1, -0.6 * 0.1);
    const start = { levels, gradient, scale: 1, limit: 1, sweeps: 5 };
    descend({ matrix, squares }, Float64Array.of(1.1, 1.1), { ...start, pairSweeps: 0 });
    expect([...levels]).toEqual([0, 0]);
    descend({ matrix, squares }, Float64Array.of(1.1, 1.1), { ...start, pairSweeps: 1 });
    expect([...levels]).toEqual(weights.map(Math.round));
  });
});
