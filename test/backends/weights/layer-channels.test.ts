import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../../../src/backends/tinpu/recipes/recipe.js';
import { LayerChannels, type ChannelTask } from '../../../src/backends/weights/layer-channels.js';
import { plainMetric } from '../../../src/backends/weights/metric.js';
import { quantiseChannel } from '../../../src/backends/tinpu/weights/quantise-channel.js';
import { widthsOf } from '../../../src/backends/tinpu/weights/multiplier.js';

const CHANNELS = 5;
const input: LayerInput = {
  weights: Float32Array.from({ length: 15 }, (_, i) => i - 7),
  bias: Float32Array.of(1, 2, 3, 4, 5),
  channels: CHANNELS,
  channelOf: (i) => i % CHANNELS,
  inputScale: 0.5,
  outputScale: 1,
  inputRange: { lo: 0, hi: 255 },
  bits: 8,
};
const { inputScale, outputScale } = input;
const limits = { widths: widthsOf(8), outputScale: 1, inputRange: input.inputRange, exactBound: 2 ** 24 };

const quantise = (task: ChannelTask) => quantiseChannel({ ...task, unit: outputScale / inputScale, limits });

describe('LayerChannels', () => {
  const channels = new LayerChannels(input, quantise);

  it('gathers the weights of a channel wherever the layout has them', () => {
    expect([channels.count, channels.taps]).toEqual([5, 3]);
    expect([...channels.weights(1)]).toEqual([-6, -1, 4]);
    expect(channels.bias(3)).toBe(4);
    expect(new LayerChannels({ ...input, bias: undefined }, quantise).bias(3)).toBe(0);
  });

  it('spreads channels evenly, each at most once', () => {
    expect(channels.spread(2)).toEqual([1, 3]);
    expect(channels.spread(5)).toEqual([0, 1, 2, 3, 4]);
    expect(channels.spread(9)).toEqual([0, 1, 2, 3, 4]);
  });

  it('knows the group of each channel', () => {
    const pairs = new LayerChannels(
      { ...input, channels: 6, weights: new Float32Array(6), channelOf: (i) => i },
      quantise,
    );
    expect([0, 1, 2, 3, 4, 5].map((channel) => pairs.group(channel, 3))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it('quantises a channel to integers whose multiplier the hardware has', () => {
    const { levels, scale, multiplier, bias } = channels.quantise(1, undefined, plainMetric(3), 3);
    expect(multiplier.scale).toBe(1);
    expect(scale).toBe((2 ** -multiplier.shift * input.outputScale) / input.inputScale);
    // Weights -6, -1, 4 are multiples of every power of two up to 1.
    expect([...levels].map((level) => level * scale)).toEqual([-6, -1, 4]);
    // bias / (s_w · s_x) and the half of the rounding: 2 / 2^-shift + 2^(shift - 1).
    expect(bias).toBe(2 * 2 ** multiplier.shift + 2 ** (multiplier.shift - 1));
    expect(channels.biasFor(1, undefined)(levels, scale)).toBe(2);
  });
});
