import { roundHalfEven } from '../../../runtime/float/floats.js';
import { weightLimit } from '../../quantisation.js';
import { MAX_BIAS_8, MAX_SHIFT } from './requantisation.js';
import type { LayerConstants, LayerInput } from '../recipes/recipe.js';

const LIMIT = weightLimit(8);

/** Largest magnitude of the weights of each output channel. */
export function weightPeaks({
  weights,
  channels,
  channelOf,
}: Pick<LayerInput, 'weights' | 'channels' | 'channelOf'>): Float64Array {
  const peaks = new Float64Array(channels);
  for (const [i, weight] of weights.entries()) {
    const channel = channelOf(i);
    peaks[channel] = Math.max(peaks[channel] ?? 0, Math.abs(weight));
  }
  return peaks;
}

/**
 * The smallest output scale at which every channel's multiplier is at most 1: peak / 127 · inputScale (spec 1.2).
 */
export const leastOutputScale = (peaks: Float64Array, inputScale: number): number =>
  (Math.max(0, ...peaks) / LIMIT) * inputScale;

/** A multiplier above 1 by no more than float32 rounding of a logarithm still counts as 1. */
const TOLERANCE = 1e-5;

/**
 * The shift of a channel: the largest n at which the weights s_w = 2^-n · s_y / s_x still reach its peak; negative when
 * the multiplier would exceed 1. log2 of the needed scale rounds to float32, as torch computes it, which only matters
 * within an ulp of a power of two.
 */
export function weightShift(peak: number, inputScale: number, outputScale: number): number {
  if (peak === 0) return MAX_SHIFT;
  const exact = Math.log2(outputScale / inputScale) - Math.fround(Math.log2(Math.fround(peak / LIMIT)));
  return Math.min(MAX_SHIFT, exact < 0 && exact > -TOLERANCE ? 0 : Math.floor(exact));
}

/**
 * Integers of a layer with 8-bit weights: BNORM scale 1, so each channel's weight scale is 2^-shift · s_y / s_x (spec
 * 1.2, "free scales"). Weights round to nearest, ties to even; they saturate in a channel whose multiplier would exceed 1.
 * The shift shrinks where the bias would leave 24 bits.
 */
export function quantiseLayer(input: LayerInput): LayerConstants {
  const { weights, bias, channels, channelOf, inputScale, outputScale } = input;
  const peaks = weightPeaks(input);
  const biases = new Int32Array(channels);
  const shifts = new Int32Array(channels);
  const scales = new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const offset = (bias?.[channel] ?? 0) / outputScale;
    let shift = Math.max(0, weightShift(peaks[channel] ?? 0, inputScale, outputScale));
    while (shift > 0 && Math.abs(biasAt(offset, shift)) > MAX_BIAS_8) shift--;
    shifts[channel] = shift;
    biases[channel] = Math.max(-MAX_BIAS_8 - 1, Math.min(MAX_BIAS_8, biasAt(offset, shift)));
    scales[channel] = (2 ** -shift * outputScale) / inputScale;
  }
  const integers = new Int8Array(weights.length);
  for (const [i, weight] of weights.entries()) {
    const integer = roundHalfEven(weight / (scales[channelOf(i)] ?? 1));
    integers[i] = Math.max(-LIMIT, Math.min(LIMIT, integer));
  }
  return {
    weights: integers,
    weightScale: [...scales],
    bias: biases,
    scale: new Int32Array(channels).fill(1),
    shift: shifts,
    moves: [],
  };
}

/** The bias in accumulator units with the rounding half of the shift; nothing is rounded off at shift 0. */
const biasAt = (offset: number, shift: number): number =>
  roundHalfEven(offset * 2 ** shift) + (shift === 0 ? 0 : 2 ** (shift - 1));
