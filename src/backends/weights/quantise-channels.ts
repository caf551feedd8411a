import type { GramMatrix } from '../../passes/calibration/gram.js';
import type { Bits } from '../quantisation.js';
import { chooseCaution, type Prior } from './choose-caution.js';
import { LayerChannels, type ChannelLevels, type ChannelTask } from './layer-channels.js';
import { metricOf, plainMetric, type Metric } from './metric.js';
import type { LayerMoments } from './layer-moments.js';
import type { LayerWeights } from './weights-of.js';

/** Moments have their taps in the order of the weights of one channel. */
export interface ChannelsInput extends Omit<LayerWeights, 'taps'>, LayerMoments {
  /** Width of the weights. */
  readonly bits: Bits;
}

/** Scales that error feedback tries for a channel, and the multiplications a layer may take before they become fewer. */
const MOST_EFFORT = 48;
const LEAST_EFFORT = 3;
const BUDGET = 1.5e8;

/**
 * How far correlations that few patches show are mistrusted, by width of the weights, before samples are asked: the smaller
 * the errors that feedback could make up for, the more it has to lose.
 */
const PRIORS: Readonly<Record<Bits, Prior>> = {
  8: { caution: 2, doubt: 1 },
  4: { caution: 0.3, doubt: 0 },
  2: { caution: 0.3, doubt: 0 },
};

/**
 * Quantises the channels of a layer one by one. Where moments of the input are at hand, errors may be fed back and the bias
 * is corrected; else the metric is plain and the weights and the bias are those of the layer.
 * @param feedback whether weights may make up for the errors of others
 * @returns the integers in the layout of the weights, and what became of each channel
 */
export function quantiseChannels<T extends ChannelLevels>(
  input: ChannelsInput,
  feedback: boolean,
  quantise: (task: ChannelTask) => T,
): { readonly integers: Int8Array; readonly channels: readonly T[] } {
  const { channelOf, bits, gram, halves } = input;
  const channels = new LayerChannels(input, quantise);
  const { count, taps } = channels;
  const prior = PRIORS[bits];
  const caution = halves === undefined || !feedback ? prior.caution : chooseCaution(halves, channels, prior);
  const metrics = metricsOf(gram, taps, feedback ? caution : undefined);
  const effort = Math.round(BUDGET / Math.max(1, taps * taps * count));
  const quantised = Array.from({ length: count }, (_, channel) => {
    const metric = metrics[channels.group(channel, metrics.length)] ?? plainMetric(taps);
    return channels.quantise(channel, gram, metric, Math.min(MOST_EFFORT, Math.max(LEAST_EFFORT, effort)));
  });
  const integers = new Int8Array(input.weights.length);
  const seen = new Int32Array(count);
  for (let i = 0; i < integers.length; i++) {
    const channel = channelOf(i);
    const tap = seen[channel] ?? 0;
    integers[i] = quantised[channel]?.levels[tap] ?? 0;
    seen[channel] = tap + 1;
  }
  return { integers, channels: quantised };
}

/** One metric for each group of channels. */
function metricsOf(gram: GramMatrix | undefined, taps: number, caution: number | undefined): Metric[] {
  if (gram === undefined) return [plainMetric(taps)];
  return Array.from({ length: gram.groups }, (_, group) => metricOf(gram, group, caution !== undefined, caution));
}
