import type { GramMatrix } from '../../../passes/calibration/gram.js';
import { FLOAT32_EXACT } from '../accumulators.js';
import type { LayerConstants, LayerInput, WeightMove } from '../recipes/recipe.js';
import { biasCorrection } from './corrected-bias.js';
import { metricOf, plainMetric, type Metric } from './metric.js';
import { widthsOf } from './multiplier.js';
import { quantiseChannel } from './quantise-channel.js';
import { refitTarget } from './refit-target.js';

export interface WeightOptions {
  /** Whether weights may make up for the errors of others; by default those of 4 and 2 bits may. */
  readonly feedback?: boolean | undefined;
  /** Bound of (|accumulator| + |bias|) · scale; by default what float32 holds exactly (spec 1.6). */
  readonly exactBound?: number | undefined;
}

/** Scales that error feedback tries for a channel, and the multiplications a layer may take before they become fewer. */
const MOST_EFFORT = 12;
const LEAST_EFFORT = 3;
const BUDGET = 1.5e8;

/**
 * Integers of a layer (spec 1.2) whose weights, in whatever layout, are rounded against scales that make every multiplier s_w · s_x / s_y exactly
 * scale / 2^shift. Per channel the scale and integers are those of the least error of the layer's result that the search
 * finds and all constraints admit: weights of 8 bits by nearest rounding, of 4 and 2 bits with errors fed back where
 * moments of the input are at hand, whose taps are in the order of the weights of one channel, for which the bias is corrected as well (see `biasCorrection`). It never fails: what
 * had to give way is in `moves`.
 */
export function quantiseLayerWeights(
  input: LayerInput,
  { feedback = input.bits < 8, exactBound = FLOAT32_EXACT }: WeightOptions = {},
): LayerConstants {
  const { channels, channelOf, bits, gram, outputScale } = input;
  const widths = widthsOf(bits);
  const unit = outputScale / input.inputScale;
  const rows = rowsOf(input);
  const taps = rows[0]?.length ?? 0;
  const metrics = metricsOf(gram, taps, feedback);
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
function metricsOf(gram: GramMatrix | undefined, taps: number, feedback: boolean): Metric[] {
  if (gram === undefined) return [plainMetric(taps)];
  return Array.from({ length: gram.groups }, (_, group) => metricOf(gram, group, feedback));
}
