import type { GramMatrix } from '../../../passes/calibration/gram.js';
import type { Bits } from '../../quantisation.js';
import { FLOAT32_EXACT } from '../arithmetic/accumulators.js';
import type { LayerConstants, LayerInput, WeightMove } from '../recipes/recipe.js';
import { chooseCaution, type Prior } from './choose-caution.js';
import { LayerChannels } from './layer-channels.js';
import { metricOf, plainMetric, type Metric } from './metric.js';
import { widthsOf } from './multiplier.js';

export interface WeightOptions {
  /** Whether weights may make up for the errors of others; by default they may. */
  readonly feedback?: boolean | undefined;
  /** Bound of (|accumulator| + |bias|) · scale; by default what float32 holds exactly (spec 1.6). */
  readonly exactBound?: number | undefined;
}

/** Scales that error feedback tries for a channel, and the multiplications a layer may take before they become fewer. */
const MOST_EFFORT = 12;
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
 * Integers of a layer (spec 1.2) whose weights, in whatever layout, are rounded against scales that make every multiplier
 * s_w · s_x / s_y exactly scale / 2^shift. Per channel the scale and integers are those of the least error of the layer's
 * result that the search finds and all constraints admit. Where moments of the input are at hand, with taps in the order of
 * the weights of one channel, errors are fed back and the bias is corrected as well (see `biasCorrection`); else weights
 * round to nearest. It never fails: what had to give way is in `moves`.
 */
export function quantiseLayerWeights(
  input: LayerInput,
  { feedback = true, exactBound = FLOAT32_EXACT }: WeightOptions = {},
): LayerConstants {
  const { channelOf, bits, gram, halves, outputScale, inputRange } = input;
  const channels = new LayerChannels(input, { widths: widthsOf(bits), outputScale, inputRange, exactBound });
  const { count, taps } = channels;
  const prior = PRIORS[bits];
  const caution = halves === undefined || !feedback ? prior.caution : chooseCaution(halves, channels, prior);
  const metrics = metricsOf(gram, taps, feedback ? caution : undefined);
  const effort = Math.round(BUDGET / Math.max(1, taps * taps * count));
  const moves: WeightMove[] = [];
  const quantised = Array.from({ length: count }, (_, channel) => {
    const metric = metrics[channels.group(channel, metrics.length)] ?? plainMetric(taps);
    const { move, ...result } = channels.quantise(
      channel,
      gram,
      metric,
      Math.min(MOST_EFFORT, Math.max(LEAST_EFFORT, effort)),
    );
    if (move !== undefined) moves.push({ channel, ...move });
    return result;
  });
  const integers = new Int8Array(input.weights.length);
  const seen = new Int32Array(count);
  for (let i = 0; i < integers.length; i++) {
    const channel = channelOf(i);
    const tap = seen[channel] ?? 0;
    integers[i] = quantised[channel]?.levels[tap] ?? 0;
    seen[channel] = tap + 1;
  }
  return {
    weights: integers,
    weightScale: quantised.map(({ scale }) => scale),
    bias: Int32Array.from(quantised, ({ bias }) => bias),
    scale: Int32Array.from(quantised, ({ multiplier }) => multiplier.scale),
    shift: Int32Array.from(quantised, ({ multiplier }) => multiplier.shift),
    moves,
  };
}

/** One metric for each group of channels. */
function metricsOf(gram: GramMatrix | undefined, taps: number, caution: number | undefined): Metric[] {
  if (gram === undefined) return [plainMetric(taps)];
  return Array.from({ length: gram.groups }, (_, group) => metricOf(gram, group, caution !== undefined, caution));
}
