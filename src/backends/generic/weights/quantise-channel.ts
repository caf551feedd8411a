import type { Bits } from '../../quantisation.js';
import { searchChannel, type ChannelChoice, type Multiplier } from '../../weights/channel-search.js';
import { applyMetric, innerProduct } from '../../weights/metric.js';
import type { ChannelTask } from '../../weights/layer-channels.js';

export interface ChannelInput extends ChannelTask {
  /** Largest magnitude of an integer. */
  readonly limit: number;
  readonly bits: Bits;
  /** The smallest scale beside which a real bias fits its integer. */
  readonly leastScale: (bias: number) => number;
}

export interface QuantisedChannel {
  readonly levels: Float64Array;
  /** A float32 number. */
  readonly scale: number;
}

/**
 * Scales tried, as factors of the one at which the largest weight is the largest integer, beside that one, evenly spread by
 * their logarithm:
 * the narrower the weights, the more the best scale depends on how they are distributed.
 */
const TRIED: Readonly<Record<Bits, { readonly from: number; readonly to: number; readonly count: number }>> = {
  8: { from: 0.7, to: 1.01, count: 32 },
  4: { from: 0.35, to: 1.15, count: 48 },
  2: { from: 0.1, to: 1.6, count: 64 },
};

/** Weights below this are 0, whatever the input: their scale would leave the normal float32 numbers. */
const NEGLIGIBLE = 2 ** -60;

/** The accumulator, bias included, stays below this, for inputs of 8 bits. */
const ACCUMULATOR_BOUND = 2 ** 31;
const INPUT_STEPS = 255;

/**
 * The integers and the scale of the least error. A channel without weights to speak of has a scale that makes its bias as
 * fine as the width of the bias allows.
 */
export function quantiseChannel(input: ChannelInput): QuantisedChannel {
  const { weights, limit, metric, biasFor, leastScale, effort } = input;
  const peak = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  const none = new Float64Array(weights.length);
  const least = leastScale(biasFor(none, 0));
  if (!(peak > NEGLIGIBLE)) return { levels: none, scale: Math.fround(Math.max(least, NEGLIGIBLE) * DEAD_ROOM) };
  const admits = ({ value }: Multiplier, levels: Float64Array): boolean => fits(input, levels, value);
  const search = (multipliers: readonly Multiplier[]): ChannelChoice | undefined =>
    searchChannel({ metric, weights, limit, unit: 1, multipliers, admits, effort });
  const accumulable = (weights.reduce((sum, w) => sum + Math.abs(w), 0) * INPUT_STEPS) / ACCUMULATOR_BOUND;
  const found = search(scalesFor(input, peak, least)) ?? search(octaveAbove(Math.max(least, accumulable)));
  if (found === undefined) return { levels: none, scale: Math.fround(Math.max(least, peak)) };
  const { levels } = found;
  const image = applyMetric(metric, levels);
  const fitted = Math.fround(innerProduct(image, weights) / innerProduct(image, levels));
  const better = fitted > 0 && Number.isFinite(fitted) && fits(input, levels, fitted);
  return { levels, scale: better ? fitted : Math.fround(found.scale) };
}

/** How much finer than necessary for its width the bias of a channel without weights may be. */
const DEAD_ROOM = 2;

function fits({ biasFor, leastScale }: ChannelInput, levels: Float64Array, scale: number): boolean {
  const bias = leastScale(biasFor(levels, scale));
  const peak = levels.reduce((sum, q) => sum + Math.abs(q), 0) * INPUT_STEPS;
  // `leastScale` is the scale at which the bias is 2^30.
  return bias <= scale && peak + (bias / scale) * 2 ** 30 < ACCUMULATOR_BOUND;
}

function scalesFor({ limit, bits }: ChannelInput, peak: number, least: number): Multiplier[] {
  const { from, to, count } = TRIED[bits];
  const factors = Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));
  const scales = [...factors, 1].sort((a, b) => a - b).map((factor) => (factor * peak) / limit);
  const admitted = scales.filter((value) => value >= least);
  return admitted.length > 0 ? admitted.map((value) => ({ value })) : octaveAbove(least);
}

/** Scales tried where the bias or the accumulator wants a coarser one than any: above the least one that it takes. */
const octaveAbove = (least: number): Multiplier[] =>
  [1.01, 1.2, 1.4, 1.7, 2].map((factor) => ({ value: least * factor }));
