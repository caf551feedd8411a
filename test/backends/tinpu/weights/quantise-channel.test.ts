import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricOf, plainMetric } from '../../../../src/backends/weights/metric.js';
import { multipliersBetween, widthsOf } from '../../../../src/backends/tinpu/weights/multiplier.js';
import { quantiseChannel, type ChannelInput } from '../../../../src/backends/tinpu/weights/quantise-channel.js';
import { coordinates } from '../../../support/naive-windows.js';
import { randomGram, randomWeights } from '../../../support/random-layers.js';

const channel = (changes: Partial<ChannelInput> & Pick<ChannelInput, 'weights'>): ChannelInput => ({
  metric: plainMetric(changes.weights.length),
  biasFor: () => 0,
  unit: 50,
  limits: { widths: widthsOf(2), inputRange: { lo: 0, hi: 255 }, outputScale: 1, exactBound: 2 ** 24 },
  effort: 12,
  ...changes,
});

describe('quantiseChannel', () => {
  it('finds the best of all scales the hardware has, for ternary weights', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.nat(), (taps, correlated, seed) => {
        const metric = correlated ? metricOf(randomGram(1, taps, 4 * taps, seed), 0, true) : plainMetric(taps);
        const weights = Float64Array.from(randomWeights(taps, seed + 1));
        const input = channel({ weights, metric });
        const matrix =
          metric.full?.matrix ?? Float64Array.from({ length: taps * taps }, (_, i) => +(i % (taps + 1) === 0));
        const errorAt = (levels: ArrayLike<number>, scale: number): number => {
          let sum = 0;
          for (let i = 0; i < taps; i++) {
            const e = scale * (levels[i] ?? NaN) - (weights[i] ?? NaN);
            for (let j = 0; j < taps; j++) {
              sum += e * (matrix[i * taps + j] ?? NaN) * (scale * (levels[j] ?? NaN) - (weights[j] ?? NaN));
            }
          }
          return sum;
        };
        const peak = Math.max(...weights.map(Math.abs));
        let least = Infinity;
        for (const { value } of multipliersBetween(peak / 500, peak / 5, 255)) {
          for (const at of coordinates(new Array<number>(taps).fill(3))) {
            least = Math.min(
              least,
              errorAt(
                at.map((q) => q - 1),
                value * input.unit,
              ),
            );
          }
        }
        const found = quantiseChannel(input);
        expect(found.move).toBeUndefined();
        expect(errorAt(found.levels, found.scale)).toBeLessThanOrEqual(least * (1 + 1e-9));
      }),
      { seed: 141, numRuns: 15 },
    );
  });

  it('gives up weights that no constraint admits and keeps the bias', () => {
    const weights = Float64Array.of(1, -1);
    const { limits } = channel({ weights });
    const result = quantiseChannel(channel({ weights, biasFor: () => 12, limits: { ...limits, exactBound: 100 } }));
    expect(result).toMatchObject({ levels: new Float64Array(2), scale: 50, bias: 12 });
    expect(result.multiplier).toEqual({ value: 1, scale: 1, shift: 0 });
    // 100 is below the product of a single weight with the largest input, so there is no way to keep one.
    expect(result.move).toMatchObject({ constraint: 'carrier', to: 50 });
    expect(result.move?.costDb).toBeGreaterThan(30);
  });
});
