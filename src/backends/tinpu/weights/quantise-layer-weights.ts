import type { GramMatrix } from '../../../passes/calibration/gram.js';
import type { Bits } from '../../quantisation.js';
import { FLOAT32_EXACT } from '../arithmetic/accumulators.js';
import type { LayerConstants, LayerInput, WeightMove } from '../recipes/recipe.js';
import { biasCorrection } from '../../weights/corrected-bias.js';
import { metricOf, plainMetric, type Metric } from '../../weights/metric.js';
import { widthsOf } from './multiplier.js';
import { quantiseChannel } from './quantise-channel.js';
import { refitTarget } from '../../weights/refit-target.js';

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
 * How far correlations that few patches show are mistrusted, by width of the weights: the smaller the errors that feedback
 * could make up for, the more it has to lose. Found on the reference networks.
 */
const CAUTION: Readonly<Record<Bits, number>> = { 8: 2, 4: 0.3, 2: 0.3 };

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
  const { channels, channelOf, bits, gram, outputScale } = input;
  const widths = widthsOf(bits);
  const unit = outputScale / input.inputScale;
  const rows = rowsOf(input);
  const taps = rows[0]?.length ?? 0;
  const metrics = metricsOf(gram, taps, feedback ? CAUTION[bits] : undefined);
  const effort = Math.round(BUDGET / Math.max(1, taps * taps * channels));
  const limits = { widths, outputScale, inputRange: input.inputRange, exactBound };
  const moves: WeightMove[] = [];
  const quantised = rows.map((weights, channel) => {
    const group = Math.floor((channel * metrics.length) / channels);
    const metric = metrics[group] ?? plainMetric(taps);
    const { move, ...result } = quantiseChannel({
      weights: gram === undefined ? weights : refitTarget(gram, group, metric, weights),
      metric,
      biasFor: biasCorrection(gram, group, weights, input.bias?.[channel] ?? 0),
      unit,
      limits,
      effort: Math.min(MOST_EFFORT, Math.max(LEAST_EFFORT, effort)),
    });
    if (move !== undefined) moves.push({ channel, ...move });
    return result;
  });
  const integers = new Int8Array(input.weights.length);
  const seen = new Int32Array(channels);
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

/** The weights of each output channel, in the order of their indices. */
function rowsOf({ weights, channels, channelOf }: LayerInput): Float64Array[] {
  const rows = Array.from({ length: channels }, (): number[] => []);
  for (const [i, weight] of weights.entries()) rows[channelOf(i)]?.push(weight);
  return rows.map((row) => Float64Array.from(row));
}

/** One metric for each group of channels. */
function metricsOf(gram: GramMatrix | undefined, taps: number, caution: number | undefined): Metric[] {
  if (gram === undefined) return [plainMetric(taps)];
  return Array.from({ length: gram.groups }, (_, group) => metricOf(gram, group, caution !== undefined, caution));
}
