import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchChannel, type ChannelQuery } from '../../../src/backends/weights/channel-search.js';
import { errorOf, metricOf, plainMetric, type Metric } from '../../../src/backends/weights/metric.js';
import { multipliersBetween } from '../../../src/backends/tinpu/weights/multiplier.js';
import { coordinates } from '../../support/naive-windows.js';
import { randomGram, randomWeights } from '../../support/random-layers.js';

const errorAt = (metric: Metric, weights: Float64Array, levels: ArrayLike<number>, scale: number): number =>
  errorOf(
    metric,
    weights.map((w, i) => scale * (levels[i] ?? NaN) - w),
  );

const queryFor = (taps: number, seed: number, maxScale: number, metric: Metric): ChannelQuery => {
  const weights = Float64Array.from(randomWeights(taps, seed));
  const multipliers = multipliersBetween(0.05, 4, maxScale);
  return { metric, weights, limit: 1, unit: 1, multipliers, admits: () => true, effort: 12 };
};

/** Parts in which two ways to sum the same squares differ at most. */
const ROUNDING = 1e-9;

describe('searchChannel', () => {
  it('finds the optimum over all scales and assignments of a small channel', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.boolean(), fc.nat(), (taps, full, seed) => {
        const metric = full ? metricOf(randomGram(1, taps, 2 * taps, seed), 0, true) : plainMetric(taps);
        const query = queryFor(taps, seed + 1, 31, metric);
        let least = Infinity;
        for (const point of coordinates(new Array<number>(taps).fill(3))) {
          const levels = point.map((q) => q - 1);
          for (const { value } of query.multipliers) {
            least = Math.min(least, errorAt(metric, query.weights, levels, value));
          }
        }
        const found = searchChannel(query) ?? expect.fail('nothing found');
        expect(errorAt(metric, query.weights, found.levels, found.scale)).toBeLessThanOrEqual(least * (1 + ROUNDING));
      }),
      { seed: 121, numRuns: 60 },
    );
  });

  it('is never worse than nearest rounding at any scale, and says its error', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 90 }), fc.constantFrom(1, 7), fc.nat(), (taps, limit, seed) => {
        const metric = metricOf(randomGram(1, taps, 40 + taps, seed), 0, true);
        const query = { ...queryFor(taps, seed + 1, 15, metric), limit };
        const found = searchChannel(query) ?? expect.fail('nothing found');
        const error = errorAt(metric, query.weights, found.levels, found.scale);
        expect(Math.abs(found.error / error - 1)).toBeLessThan(1e-6);
        for (const { value } of query.multipliers) {
          const nearest = query.weights.map((w) => Math.max(-limit, Math.min(limit, Math.round(w / value))));
          expect(error).toBeLessThanOrEqual(errorAt(metric, query.weights, nearest, value) * (1 + ROUNDING));
        }
      }),
      { seed: 122, numRuns: 60 },
    );
  });

  it('keeps to what is admitted, also around a hint that is not', () => {
    for (const taps of [6, 40]) {
      const query = queryFor(taps, 3, 15, metricOf(randomGram(1, taps, 90, 4), 0, true));
      const hint = searchChannel(query) ?? expect.fail('nothing found');
      const admits: ChannelQuery['admits'] = (multiplier, levels) =>
        multiplier.value > hint.scale * 1.05 && levels.reduce((sum, q) => sum + Math.abs(q), 0) < taps / 2;
      expect(admits(hint.multiplier, hint.levels)).toBe(false);
      const found = searchChannel({ ...query, admits, hint }) ?? expect.fail('nothing found');
      expect(admits(found.multiplier, found.levels)).toBe(true);
      expect(found.error).toBeGreaterThan(hint.error);
    }
  });

  it('finds nothing where nothing is admitted', () => {
    const query = queryFor(20, 3, 15, metricOf(randomGram(1, 20, 90, 4), 0, true));
    expect(searchChannel({ ...query, admits: () => false })).toBeUndefined();
    expect(searchChannel({ ...query, multipliers: [] })).toBeUndefined();
  });
});
