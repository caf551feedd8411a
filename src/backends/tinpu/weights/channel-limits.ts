import { roundHalfEven } from '../../../runtime/float/floats.js';
import type { WeightConstraint } from '../recipes/recipe.js';
import { isExpressible, type ExactMultiplier, type Widths } from './multiplier.js';

/** What the integers of one output channel are held against. */
export interface ChannelLimits {
  readonly widths: Widths;
  readonly inputRange: { readonly lo: number; readonly hi: number };
  readonly outputScale: number;
  /** Largest magnitude of (|accumulator| + |bias|) · scale. */
  readonly exactBound: number;
}

/** Largest magnitude that accumulator plus bias is to stay below. */
const ACCUMULATOR_BOUND = 2 ** 31;

/**
 * The integer bias of a real one together with the rounding half 2^(shift-1) / scale, both rounded to an integer once, ties
 * to even. Nothing is rounded off at shift 0, so there is no half then.
 */
export function integerBias(bias: number, { value, scale, shift }: ExactMultiplier, outputScale: number): number {
  return roundHalfEven(bias / outputScale / value + (shift === 0 ? 0 : 2 ** (shift - 1) / scale));
}

export const saturateBias = (bias: number, { maxBias }: Widths): number =>
  Math.max(-maxBias - 1, Math.min(maxBias, bias));

/** Largest magnitude of the accumulator and of its partial sums for inputs within the range, 0 included. */
export function accumulatorPeak(levels: Float64Array, { lo, hi }: ChannelLimits['inputRange']): number {
  let least = 0;
  let most = 0;
  const [floor, ceiling] = [Math.min(0, lo), Math.max(0, hi)];
  for (const w of levels) {
    least += w > 0 ? w * floor : w * ceiling;
    most += w > 0 ? w * ceiling : w * floor;
  }
  return Math.max(-least, most);
}

/** The first constraint that integers with a real bias break; undefined when they keep all. */
export function violatedBy(
  limits: ChannelLimits,
  multiplier: ExactMultiplier,
  levels: Float64Array,
  bias: number,
): WeightConstraint | undefined {
  const { widths } = limits;
  if (!isExpressible(multiplier, widths)) return 'multiplier-range';
  const offset = integerBias(bias, multiplier, limits.outputScale);
  if (offset !== saturateBias(offset, widths)) return 'bias-width';
  const peak = accumulatorPeak(levels, limits.inputRange) + Math.abs(offset);
  if (peak >= ACCUMULATOR_BOUND) return 'accumulator-width';
  return peak * multiplier.scale > limits.exactBound ? 'carrier' : undefined;
}
