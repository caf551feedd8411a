import { describe, expect, it } from 'vitest';
import { quantiseChannel, type ChannelInput } from '../../../../src/backends/generic/weights/quantise-channel.js';
import { plainMetric } from '../../../../src/backends/weights/metric.js';

/** A channel without moments of its input, with a bias of 0. */
const channelOf = (weights: readonly number[], rest: Partial<ChannelInput> = {}): ChannelInput => ({
  weights: Float64Array.from(weights),
  metric: plainMetric(weights.length),
  limit: 127,
  bits: 8,
  biasFor: () => 0,
  leastScale: () => 0,
  effort: 8,
  ...rest,
});

const quantise = (...channel: Parameters<typeof channelOf>): readonly [levels: number[], scale: number] => {
  const { levels, scale } = quantiseChannel(channelOf(...channel));
  return [[...levels], scale];
};

describe('quantiseChannel', () => {
  it.each([
    [8, 127, [63.5, -0.5, 10, 0]],
    [4, 7, [3.5, -0.5, 1, 0]],
    [2, 1, [0.5, -0.5, 0, 0]],
  ] as const)('finds the integers behind multiples of 1/2 (%i bits)', (bits, limit, weights) => {
    expect(quantise(weights, { bits, limit })).toEqual([weights.map((w) => w * 2), 0.5]);
  });

  it('fits the scale to the integers by least squares', () => {
    // All of them are ±1: the scale is the mean magnitude.
    expect(quantise([1, 0.8, 0.9, -1], { bits: 2, limit: 1 })).toEqual([[1, 1, 1, -1], Math.fround(3.7 / 4)]);
  });

  it('weighs errors as the metric does', () => {
    const metric = { taps: 2, diagonal: Float64Array.of(1, 3), full: undefined };
    // (1 · 1 + 3 · 0.8) / (1 + 3).
    expect(quantise([1, 0.8], { bits: 2, limit: 1, metric })).toEqual([[1, 1], Math.fround(0.85)]);
  });

  it('takes a scale beside which the bias fits, however coarse', () => {
    // 2 · 0.5 is exact, 3 · 0.303 and whatever else is between 0.3 and 0.6 is not.
    expect(quantise([1, -1], { leastScale: () => 0.3 })).toEqual([[2, -2], 0.5]);
  });

  it('keeps the scale tried where the bias does not fit beside the fitted one', () => {
    // 0.5 would be the fitted scale of the integer 1, and 1 is the largest scale at which 0.5 rounds to it.
    const [levels, scale] = quantise([0.5], { leastScale: () => 0.98 });
    expect(levels).toEqual([1]);
    expect(scale).toBeGreaterThanOrEqual(0.98);
    expect(scale).toBeLessThanOrEqual(1);
  });

  it('has the bias of a channel without weights one bit finer than its width asks for', () => {
    const biasFor = (levels: Float64Array): number => (levels.every((q) => q === 0) ? 0.25 : NaN);
    expect(quantise([0, 0], { biasFor, leastScale: (bias) => bias })).toEqual([[0, 0], 0.5]);
  });

  it('has a normal float32 scale for a channel of nothing at all', () => {
    const [levels, scale] = quantise([2 ** -70, 0]);
    expect(levels).toEqual([0, 0]);
    // Times another scale of that size it is still above 2^-126.
    expect(scale ** 2).toBeGreaterThan(2 ** -126);
  });

  it('coarsens the weights of a channel whose accumulator would leave 32 bits', () => {
    const taps = 70_000;
    const { levels, scale } = quantiseChannel(channelOf(new Array<number>(taps).fill(1)));
    const accumulator = levels.reduce((sum, q) => sum + Math.abs(q), 0) * 255;
    expect(accumulator).toBeLessThan(2 ** 31);
    expect(scale * (levels[0] ?? NaN)).toBeCloseTo(1, 6);
  });
});
