import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLOAT32_EXACT } from '../../../../src/backends/tinpu/arithmetic/accumulators.js';
import type { LayerConstants, LayerInput } from '../../../../src/backends/tinpu/recipes/recipe.js';
import { tiNarrowLayer } from '../../../../src/backends/tinpu/recipes/ti-weights.js';
import { keepWidths } from '../../../../src/backends/tinpu/weights/keep-widths.js';
import { quantiseLayerWeights } from '../../../../src/backends/tinpu/weights/quantise-layer-weights.js';
import { randomWeights } from '../../../support/random-layers.js';

const [CHANNELS, TAPS] = [3, 8];

const layer = (changes: Partial<LayerInput> = {}): LayerInput => ({
  weights: randomWeights(CHANNELS * TAPS, 5),
  bias: Float32Array.of(0.1, -0.2, 0.3),
  channels: CHANNELS,
  channelOf: (i) => Math.floor(i / TAPS),
  bits: 4,
  inputScale: 0.02,
  outputScale: 0.05,
  inputRange: { lo: 0, hi: 255 },
  ...changes,
});

/** Constants with one channel's entry of a list replaced. */
function broken(
  constants: LayerConstants,
  channel: number,
  change: Partial<Record<'bias' | 'scale', number>>,
): LayerConstants {
  const { bias = constants.bias[channel] ?? NaN, scale = constants.scale[channel] ?? NaN } = change;
  return { ...constants, bias: constants.bias.with(channel, bias), scale: constants.scale.with(channel, scale) };
}

const rowOf = ({ weights }: LayerConstants, channel: number): number[] => [
  ...weights.slice(channel * TAPS, (channel + 1) * TAPS),
];

describe('keepWidths', () => {
  it('hands on constants that keep every width', () => {
    const input = layer();
    const constants = tiNarrowLayer(input);
    expect(keepWidths(input, constants)).toBe(constants);
  });

  it.each([
    ['bias-width', 4, 'a bias above 16 bits', { bias: 2 ** 15 }, 1],
    ['bias-width', 4, 'a bias below 16 bits', { bias: -(2 ** 15) - 1 }, 1],
    ['bias-width', 8, 'a bias above 24 bits', { bias: 2 ** 23 }, 1],
    ['multiplier-range', 4, 'a scale above 8 bits', { scale: 256 }, 1],
    ['multiplier-range', 8, 'a scale beside 8-bit weights', { scale: 2 }, 1],
    // One weight on inputs up to 255² with the bias makes 97792, and 255 times that is more than 2^24.
    ['carrier', 2, 'sums that float32 does not hold', { bias: 2 ** 15 - 1, scale: 255 }, 255],
  ] as const)('quantises a channel anew for %s at %i bits: %s', (constraint, bits, _, change, width) => {
    const input = layer({ bits, inputRange: { lo: 0, hi: 255 * width } });
    const own = quantiseLayerWeights(input);
    // Shifts that nobody would choose and weights of the other sign tell whose numbers stand where.
    const given = {
      ...broken(own, 1, change),
      shift: new Int32Array(CHANNELS).fill(30),
      weights: own.weights.map((w) => -w),
    };
    const kept = keepWidths(input, given);
    expect(kept.moves).toMatchObject([{ channel: 1, constraint }]);
    expect([...kept.shift]).toEqual([30, own.shift[1], 30]);
    for (const list of ['bias', 'scale', 'weightScale'] as const) {
      expect([...kept[list]]).toEqual([given[list][0], own[list][1], given[list][2]]);
    }
    for (const channel of [0, 1, 2]) expect(rowOf(kept, channel)).toEqual(rowOf(channel === 1 ? own : given, channel));
  });

  it('keeps what just fits', () => {
    const input = layer();
    const constants = quantiseLayerWeights(input);
    for (const change of [{ bias: -(2 ** 15) }, { bias: 2 ** 15 - 1 }]) {
      const edge = broken(constants, 1, { ...change, scale: 1 });
      expect(keepWidths(input, edge)).toBe(edge);
    }
  });

  it('says from which scale a channel went to which, and how much coarser that is', () => {
    // 60000 units of 2 / 7 · 0.001 do not fit 16 bits.
    const input = layer({ bias: Float32Array.of(0, 20, 0), inputScale: 0.001 });
    const before = tiNarrowLayer(input);
    expect(before.bias[1]).toBeGreaterThan(2 ** 15);
    const { moves, weightScale, bias } = keepWidths(input, before);
    expect(moves).toHaveLength(1);
    expect(moves[0]).toMatchObject({
      channel: 1,
      constraint: 'bias-width',
      from: before.weightScale[1],
      to: weightScale[1],
    });
    expect(weightScale[1]).toBeGreaterThan(before.weightScale[1] ?? NaN);
    expect(moves[0]?.costDb).toBeCloseTo(20 * Math.log10((weightScale[1] ?? NaN) / (before.weightScale[1] ?? NaN)), 9);
    expect(bias[1]).toBeLessThan(2 ** 15);
  });

  it('keeps all widths of any layer', () => {
    const magnitude = fc.integer({ min: -6, max: 6 }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(
        fc.constantFrom(4 as const, 2 as const),
        fc.record({ weight: magnitude, bias: magnitude, input: magnitude, output: magnitude }),
        fc.nat(),
        (bits, sizes, seed) => {
          const input = layer({
            bits,
            weights: randomWeights(CHANNELS * TAPS, seed).map((w) => w * sizes.weight),
            bias: randomWeights(CHANNELS, seed + 1).map((b) => b * sizes.bias),
            inputScale: sizes.input,
            outputScale: sizes.output,
          });
          const given = tiNarrowLayer(input);
          const kept = keepWidths(input, given);
          const moved = new Set(kept.moves.map(({ channel }) => channel));
          for (let channel = 0; channel < CHANNELS; channel++) {
            const [bias = NaN, scale = NaN] = [kept.bias[channel], kept.scale[channel]];
            expect(Math.abs(bias + 0.5)).toBeLessThan(2 ** 15);
            expect(scale).toBeLessThanOrEqual(255);
            const row = rowOf(kept, channel);
            const reach = Math.max(
              row.reduce((sum, w) => sum + 255 * Math.max(0, w), 0),
              row.reduce((sum, w) => sum - 255 * Math.min(0, w), 0),
            );
            expect((reach + Math.abs(bias)) * scale).toBeLessThanOrEqual(FLOAT32_EXACT);
            if (!moved.has(channel)) expect(row).toEqual(rowOf(given, channel));
          }
        },
      ),
      { seed: 151, numRuns: 300 },
    );
  });
});
