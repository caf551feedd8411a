import type { GramMatrix } from '../../passes/calibration/gram.js';
import type { Bits } from '../quantisation.js';
import { biasCorrection } from './corrected-bias.js';
import { metricOf, plainMetric, type Metric } from './metric.js';
import { refitTarget } from './refit-target.js';
import type { LayerWeights } from './weights-of.js';

export interface ChannelsInput extends Omit<LayerWeights, 'taps'> {
  /** Width of the weights. */
  readonly bits: Bits;
  /** Moments of what the layer sees, where they were gathered, with taps in the order of the weights of one channel. */
  readonly gram?: GramMatrix | undefined;
}

/** One output channel to be quantised. */
export interface ChannelTask {
  /** What the integers are to come close to. */
  readonly weights: Float64Array;
  readonly metric: Metric;
  /** The real bias that goes with quantised weights (see `biasCorrection`). */
  readonly biasFor: (levels: Float64Array, scale: number) => number;
  /** How many scales a layer of many taps may try with error feedback. */
  readonly effort: number;
}

/** Scales that error feedback tries for a channel, and the multiplications a layer may take before they become fewer. */
const MOST_EFFORT = 12;
const LEAST_EFFORT = 3;
const BUDGET = 1.5e8;

/**
 * How far correlations that few patches show are mistrusted, by width of the weights: the smaller the errors that feedback
 * could make up for, the more it has to lose. Found on the reference networks.
 */
const CAUTION: Readonly<Record<Bits, number>> = { 8: 2, 4: 0.3, 2: 0.3 };

/**
 * Quantises the channels of a layer one by one. Where moments of the input are at hand, errors may be fed back and the bias
 * is corrected; else the metric is plain and the weights and the bias are those of the layer.
 * @param feedback whether weights may make up for the errors of others
 * @returns the integers in the layout of the weights, and what became of each channel
 */
export function quantiseChannels<T extends { readonly levels: Float64Array }>(
  input: ChannelsInput,
  feedback: boolean,
  quantise: (task: ChannelTask) => T,
): { readonly integers: Int8Array; readonly channels: readonly T[] } {
  const { channels, channelOf, bits, gram } = input;
  const rows = rowsOf(input);
  const taps = rows[0]?.length ?? 0;
  const metrics = metricsOf(gram, taps, feedback ? CAUTION[bits] : undefined);
  const effort = Math.round(BUDGET / Math.max(1, taps * taps * channels));
  const quantised = rows.map((weights, channel) => {
    const group = Math.floor((channel * metrics.length) / channels);
    const metric = metrics[group] ?? plainMetric(taps);
    return quantise({
      weights: gram === undefined ? weights : refitTarget(gram, group, metric, weights),
      metric,
      biasFor: biasCorrection(gram, group, weights, input.bias?.[channel] ?? 0),
      effort: Math.min(MOST_EFFORT, Math.max(LEAST_EFFORT, effort)),
    });
  });
  const integers = new Int8Array(input.weights.length);
  const seen = new Int32Array(channels);
  for (let i = 0; i < integers.length; i++) {
    const channel = channelOf(i);
    const tap = seen[channel] ?? 0;
    integers[i] = quantised[channel]?.levels[tap] ?? 0;
    seen[channel] = tap + 1;
  }
  return { integers, channels: quantised };
}

/** The weights of each output channel, in the order of their indices. */
function rowsOf({ weights, channels, channelOf }: ChannelsInput): Float64Array[] {
  const rows = Array.from({ length: channels }, (): number[] => []);
  for (const [i, weight] of weights.entries()) rows[channelOf(i)]?.push(weight);
  return rows.map((row) => Float64Array.from(row));
}

/** One metric for each group of channels. */
function metricsOf(gram: GramMatrix | undefined, taps: number, caution: number | undefined): Metric[] {
  if (gram === undefined) return [plainMetric(taps)];
  return Array.from({ length: gram.groups }, (_, group) => metricOf(gram, group, caution !== undefined, caution));
}
