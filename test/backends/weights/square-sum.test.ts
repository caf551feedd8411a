import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformSource } from '../../../src/ir/random.js';
import { applyMetric, errorOf, metricOf } from '../../../src/backends/weights/metric.js';
import { rowStart, solveSquares } from '../../../src/backends/weights/square-sum.js';
import { randomGram } from '../../support/random-layers.js';

const vector = (length: number, seed: number): Float64Array => {
  const next = uniformSource(seed);
  return Float64Array.from({ length }, next);
};

const layer = fc.record({ taps: fc.integer({ min: 1, max: 12 }), seed: fc.nat() });

/** Decimals that float64 keeps of sums and quotients of a few dozen numbers below 10. */
const DIGITS = 9;

describe('completeSquares', () => {
  it('is the quadratic form, written as squares', () => {
    fc.assert(
      fc.property(layer, ({ taps, seed }) => {
        const metric = metricOf(randomGram(1, taps, 3 * taps, seed), 0, true);
        const { order, weight, rows } = metric.full?.squares ?? expect.fail('no matrix');
        const e = vector(taps, seed + 1);
        let sum = 0;
        for (let t = 0; t < taps; t++) {
          let term = e[order[t] ?? -1] ?? NaN;
          for (let u = 0; u < t; u++) term += (rows[rowStart(t) + u] ?? NaN) * (e[order[u] ?? -1] ?? NaN);
          sum += (weight[t] ?? NaN) * term ** 2;
        }
        expect(sum).toBeCloseTo(errorOf(metric, e), DIGITS);
        const falling = [...order].map((i) => metric.diagonal[i] ?? NaN);
        expect(falling).toEqual(falling.toSorted((a, b) => b - a));
      }),
      { seed: 91, numRuns: 100 },
    );
  });
});

describe('solveSquares', () => {
  it('inverts the form', () => {
    fc.assert(
      fc.property(layer, ({ taps, seed }) => {
        const metric = metricOf(randomGram(1, taps, 3 * taps, seed), 0, true);
        const x = vector(taps, seed + 1);
        const solved = solveSquares((metric.full ?? expect.fail('no matrix')).squares, applyMetric(metric, x));
        for (const [i, value] of x.entries()) expect(solved[i]).toBeCloseTo(value, DIGITS);
      }),
      { seed: 92, numRuns: 100 },
    );
  });
});
