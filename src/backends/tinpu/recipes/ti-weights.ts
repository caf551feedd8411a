import { roundHalfEven } from '../../../runtime/float/floats.js';
import { weightLimit, type Bits } from '../../quantisation.js';
import { MAX_SCALE, powerOfTwoAbove, shiftFor } from '../arithmetic/requantisation.js';
import { weightPeaks } from '../arithmetic/layer-constants.js';
import type { LayerConstants, LayerInput } from './recipe.js';

/** What a weight of TI's 2-bit mode is softened to at its largest, by which scale and thresholds are defined (spec 1.7). */
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softened = (x: number): number => sigmoid(2 * (x - 1 / 3)) - sigmoid(2 * (-x - 1 / 3));
const TERNARY_SCALE = softened(1);

/** Share of the largest weight from which on a ternary weight is ±1: a third; behind a folded BatchNormalization more. */
const THRESHOLD = 1 / 3;
const FOLDED_THRESHOLD: number = thresholdOf(TERNARY_SCALE / 2);

/** The x at which the softened weight is `level`, by bisection. */
function thresholdOf(level: number): number {
  let [lo, hi] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (lo + hi) / 2;
    if (softened(middle) < level) lo = middle;
    else hi = middle;
  }
  return hi;
}

/** TI's scale of a channel's weights: a power of two at 8 bits, max|w| / 7 at 4 bits, a share of max|w| at 2 bits. */
export function tiWeightScale(peak: number, bits: Bits): number {
  if (peak === 0) return 1;
  if (bits === 8) return powerOfTwoAbove(Math.fround(peak / weightLimit(8)));
  return bits === 4 ? peak / weightLimit(4) : peak * TERNARY_SCALE;
}

/** TI's integer of a weight: nearest, ties to even, at 8 and 4 bits; ternary by a threshold at 2 bits. */
export function tiWeight(weight: number, peak: number, bits: Bits, folded: boolean): number {
  if (bits === 2) {
    const threshold = (folded ? FOLDED_THRESHOLD : THRESHOLD) * peak;
    return Math.abs(weight) > threshold ? Math.sign(weight) : 0;
  }
  const limit = weightLimit(bits);
  return Math.max(-limit, Math.min(limit, roundHalfEven(weight / tiWeightScale(peak, bits))));
}

/**
 * Integers of a layer with 4- or 2-bit weights as TI's wrapper computes them (spec 1.2, 1.7 step 5): the multiplier rounds to
 * 8 bits over a power of two, and the bias to an integer twice.
 */
export function tiNarrowLayer(input: LayerInput): LayerConstants {
  const { weights, bias, channels, channelOf, inputScale, outputScale, bits, foldedBatchnorm = false } = input;
  const peaks = weightPeaks(input);
  const weightScale = Array.from(peaks, (peak) => tiWeightScale(peak, bits));
  const multipliers = weightScale.map((scale) => Math.fround((scale * inputScale) / outputScale));
  const shift = Int32Array.from(multipliers, (m) => shiftFor(m, MAX_SCALE));
  return {
    weights: Int8Array.from(weights, (w, i) => tiWeight(w, peaks[channelOf(i)] ?? 0, bits, foldedBatchnorm)),
    weightScale,
    bias: Int32Array.from({ length: channels }, (_, channel) => {
      const unit = (weightScale[channel] ?? 1) * inputScale;
      return roundHalfEven(roundHalfEven((bias?.[channel] ?? 0) / unit) + outputScale / (2 * unit));
    }),
    scale: Int32Array.from(multipliers, (m, channel) => roundHalfEven(m * 2 ** (shift[channel] ?? 0))),
    shift,
    moves: [],
  };
}
