import { MAX_SHIFT } from '../arithmetic/requantisation.js';
import type { WeightMove } from '../recipes/recipe.js';
import type { ChannelLimits } from './channel-limits.js';
import { accumulatorPeak, integerBias, saturateBias, violatedBy } from './channel-limits.js';
import { searchChannel, type ChannelChoice, type ChannelQuery } from '../../weights/channel-search.js';
import { errorOf } from '../../weights/metric.js';
import type { ChannelTask } from '../../weights/layer-channels.js';
import { exactMultiplier, multipliersBetween, type ExactMultiplier } from './multiplier.js';

/** One output channel to be quantised. */
export interface ChannelInput extends ChannelTask {
  /** Weight scale of the multiplier 1: s_y / s_x. */
  readonly unit: number;
  readonly limits: ChannelLimits;
}

export interface QuantisedChannel {
  readonly levels: Float64Array;
  readonly scale: number;
  readonly multiplier: ExactMultiplier;
  readonly bias: number;
  readonly move: ChannelMove | undefined;
}

type ChannelMove = Omit<WeightMove, 'channel'>;

/** Scales tried, as factors of the one at which the largest weight is the largest integer. */
const HIGHEST = 2.5;
const LOWEST = 2 ** -8;
const NARROW = 0.25;

/** Where constrained scales begin, as a factor of the one without constraints. */
const NEAR = 0.7;

/** Steps of the output that weights must be able to make up together, or they count as 0. */
const NEGLIGIBLE = 2 ** -8;

/** Parts of the carrier's bound with which scales are preselected; the bound itself is checked on the result. */
const SLACKS = [1, 0.9, 0.7];

/** Noise below this part of the signal counts as this, so that costs are finite. */
const LEAST_NOISE = 1e-16;

/**
 * The integers of the least error that all constraints admit. A channel without weights to speak of, or that ends up without
 * any, computes its bias alone, with multiplier 1: round(bias / s_y) exactly, or beyond what an activation holds.
 */
export function quantiseChannel(input: ChannelInput): QuantisedChannel {
  const { limits, unit, biasFor } = input;
  if (isDead(input)) return deadChannel(input, undefined);
  const ideal = searchChannel(queryOf(input, windowOf(input), limits.widths.maxScale, () => true));
  if (ideal === undefined) return deadChannel(input, undefined);
  const constraint = violatedBy(limits, ideal.multiplier, ideal.levels, biasFor(ideal.levels, ideal.scale));
  const choice = constraint === undefined ? ideal : constrained(input, ideal);
  const alive = choice?.levels.some((q) => q !== 0) === true ? choice : undefined;
  const move = constraint && {
    constraint,
    from: ideal.scale,
    to: alive?.scale ?? unit,
    costDb: costOf(input, ideal, alive),
  };
  if (alive === undefined) return deadChannel(input, move);
  const { levels, scale, multiplier } = alive;
  const bias = integerBias(biasFor(levels, scale), multiplier, limits.outputScale);
  return { levels, scale, multiplier, bias, move };
}

/** Whether no input within its range moves the result by more than a small part of a step. */
function isDead({ weights, unit, limits: { inputRange } }: ChannelInput): boolean {
  const reach = Math.max(Math.abs(inputRange.lo), Math.abs(inputRange.hi));
  return (weights.reduce((sum, w) => sum + Math.abs(w), 0) / unit) * reach <= NEGLIGIBLE;
}

function deadChannel(
  { weights, biasFor, unit, limits }: ChannelInput,
  move: ChannelMove | undefined,
): QuantisedChannel {
  const multiplier = exactMultiplier(1, 0);
  const levels = new Float64Array(weights.length);
  const bias = integerBias(biasFor(levels, unit), multiplier, limits.outputScale);
  return { levels, scale: unit, multiplier, bias: saturateBias(bias, limits.widths), move };
}

const peakOf = (weights: Float64Array): number => weights.reduce((peak, w) => Math.max(peak, Math.abs(w)), 0);

/** The multipliers between which the scale of the least error lies, whatever the hardware. */
function windowOf({ weights, metric, unit, limits }: ChannelInput): readonly [lo: number, hi: number] {
  const { limit } = limits.widths;
  const peak = peakOf(weights);
  let sum = 0;
  let total = 0;
  for (const [i, h] of metric.diagonal.entries()) {
    sum += h * Math.abs(weights[i] ?? 0);
    total += h;
  }
  const lowest = Math.max(LOWEST * peak, Math.min(NARROW * peak, sum / total));
  return [lowest / limit / unit, (HIGHEST * peak) / limit / unit];
}

function queryOf(
  { weights, metric, unit, limits, effort }: ChannelInput,
  [lo, hi]: readonly [number, number],
  maxScale: number,
  admits: ChannelQuery<ExactMultiplier>['admits'],
): ChannelQuery<ExactMultiplier> {
  const multipliers = multipliersBetween(lo, hi, maxScale);
  return { metric, weights, limit: limits.widths.limit, unit, multipliers, admits, effort };
}

/** The best admitted choice in the first octave upwards from the ideal scale that has one, else downwards. */
function constrained(
  input: ChannelInput,
  ideal: ChannelChoice<ExactMultiplier>,
): ChannelChoice<ExactMultiplier> | undefined {
  const { limits, biasFor, unit } = input;
  const [least, most] = [2 ** -MAX_SHIFT, limits.widths.maxScale];
  const bias = Math.abs(biasFor(ideal.levels, ideal.scale)) / limits.outputScale;
  const leastForBias = bias / (limits.widths.maxBias + 1);
  if (leastForBias > most) return undefined;
  const admits: ChannelQuery<ExactMultiplier>['admits'] = (multiplier, levels) =>
    violatedBy(limits, multiplier, levels, biasFor(levels, multiplier.value * unit)) === undefined;
  const within = (lo: number, hi: number): ChannelChoice<ExactMultiplier> | undefined => {
    const reach =
      accumulatorPeak(ideal.levels, limits.inputRange) * Math.min(1, ideal.multiplier.value / lo) + (bias + 0.5) / lo;
    for (const slack of SLACKS) {
      const maxScale = Math.min(limits.widths.maxScale, Math.floor((slack * limits.exactBound) / reach));
      const found = searchChannel({ ...queryOf(input, [lo, hi], Math.max(1, maxScale), admits), hint: ideal });
      if (found !== undefined) return found;
      if (maxScale <= 1) return undefined;
    }
    return undefined;
  };
  const start = Math.min(most, Math.max(least, NEAR * ideal.multiplier.value, leastForBias));
  for (let lo = start; lo < most; lo *= 2) {
    const found = within(lo, Math.min(most, lo * 2));
    if (found !== undefined) return found;
  }
  for (let hi = start; hi > Math.max(least, leastForBias); hi /= 2) {
    const found = within(Math.max(least, hi / 2), hi);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Decibels of signal-to-noise ratio lost from the ideal choice to the other, or to no weight at all; at least 0. */
function costOf(
  { weights, metric }: ChannelInput,
  ideal: ChannelChoice,
  choice: ChannelChoice<ExactMultiplier> | undefined,
): number {
  const signal = errorOf(metric, weights);
  const ratio = (noise: number): number => Math.max(LEAST_NOISE, noise / signal);
  return Math.max(0, 10 * Math.log10(ratio(choice?.error ?? signal) / ratio(ideal.error)));
}
