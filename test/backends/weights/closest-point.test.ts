import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformSource } from '../../../src/ir/random.js';
import { searchClosest } from '../../../src/backends/weights/closest-point.js';
import { errorOf, metricOf, type FullMetric, type Metric } from '../../../src/backends/weights/metric.js';
import { coordinates } from '../../support/naive-windows.js';
import { randomGram } from '../../support/random-layers.js';

const fullOf = (metric: Metric): FullMetric => metric.full ?? expect.fail('no matrix');

const problem = fc
  .record({ taps: fc.integer({ min: 1, max: 5 }), limit: fc.integer({ min: 1, max: 2 }), seed: fc.nat() })
  .map(({ taps, limit, seed }) => {
    const next = uniformSource(seed);
    const metric = metricOf(randomGram(1, taps, 2 * taps, seed), 0, true);
    return { metric, limit, target: Float64Array.from({ length: taps }, () => next() * 1.5 * limit) };
  });

/** Parts in which two ways to sum the same squares differ at most. */
const ROUNDING = 1e-9;

describe('searchClosest', () => {
  it('reaches the same first point, to the last bit, with no nodes to spare and in a search within a radius', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (taps, seed) => {
        const next = uniformSource(seed);
        const { squares } = fullOf(metricOf(randomGram(1, taps, 2 * taps, seed), 0, true));
        const target = Float64Array.from({ length: taps }, () => next() * 3);
        const first = (radius: number): readonly unknown[] => {
          const found: unknown[] = [];
          const accept = (point: Float64Array, form: number): boolean => found.push([...point], form) > 0;
          expect(searchClosest(squares, { target, limit: 2, radius, nodes: taps, accept })).toBe(false);
          return found;
        };
        // No form is beyond this radius, and it is no infinite one.
        expect(first(Infinity)).toEqual(first(Number.MAX_VALUE));
        expect(first(Infinity)).toHaveLength(2);
      }),
      { seed: 112, numRuns: 100 },
    );
  });

  it('ends on the best of all points', () => {
    fc.assert(
      fc.property(problem, ({ metric, limit, target }) => {
        const errorAt = (point: readonly number[]): number =>
          errorOf(
            metric,
            target.map((u, i) => (point[i] ?? NaN) - u),
          );
        const points = coordinates(Array.from(target, () => 2 * limit + 1)).map((at) => at.map((q) => q - limit));
        const least = Math.min(...points.map(errorAt));
        let best: number[] = [];
        let last = Infinity;
        const complete = searchClosest(fullOf(metric).squares, {
          target,
          limit,
          radius: Infinity,
          nodes: 1e6,
          accept: (point, form) => {
            expect(form).toBeLessThan(last);
            last = form;
            best = [...point];
            return true;
          },
        });
        expect(complete).toBe(true);
        expect(best.every((q) => Number.isInteger(q) && Math.abs(q) <= limit)).toBe(true);
        expect(errorAt(best)).toBeLessThanOrEqual(least * (1 + ROUNDING));
        expect(last).toBeCloseTo(errorAt(best), 9);
      }),
      { seed: 101, numRuns: 200 },
    );
  });

  it('ends on the best of the points that are accepted', () => {
    fc.assert(
      fc.property(problem, ({ metric, limit, target }) => {
        const even = (point: ArrayLike<number>): boolean => Array.from(point).reduce((a, q) => a + q, 0) % 2 === 0;
        const errorAt = (point: ArrayLike<number>): number =>
          errorOf(
            metric,
            target.map((u, i) => (point[i] ?? NaN) - u),
          );
        const points = coordinates(Array.from(target, () => 2 * limit + 1)).map((at) => at.map((q) => q - limit));
        const least = Math.min(...points.filter(even).map(errorAt));
        let last = Infinity;
        const accept = (point: Float64Array, form: number): boolean => {
          if (even(point)) last = form;
          return even(point);
        };
        searchClosest(fullOf(metric).squares, { target, limit, radius: Infinity, nodes: 1e6, accept });
        expect(last).toBeCloseTo(least, 9);
      }),
      { seed: 102, numRuns: 100 },
    );
  });

  it('finds one point with as many nodes as there are taps, and says that others may be missing', () => {
    const metric = metricOf(randomGram(1, 9, 30, 5), 0, true);
    let count = 0;
    const query = { target: new Float64Array(9).fill(0.4), limit: 7, radius: Infinity, nodes: 9 };
    const complete = searchClosest(fullOf(metric).squares, { ...query, accept: () => ++count > 0 });
    expect({ complete, count }).toEqual({ complete: false, count: 1 });
  });

  it('finds nothing within too small a radius', () => {
    const metric = metricOf(randomGram(1, 3, 30, 5), 0, true);
    const query = { target: Float64Array.of(0.5, 0.5, 0.5), limit: 1, radius: 1e-9, nodes: 1e6 };
    expect(searchClosest(fullOf(metric).squares, { ...query, accept: () => expect.fail('a point') })).toBe(true);
  });
});
