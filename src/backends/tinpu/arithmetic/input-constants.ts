import { InternalError } from '../../../ir/diagnostics.js';
import type { Node } from '../../../ir/graph.js';
import { MAX_AFFINE_SCALE, MAX_INPUT_SCALE, MAX_SHIFT, multiplierFor } from './requantisation.js';
import type { InputAffine, InputConstants } from '../recipes/recipe.js';

/** Smallest scale a plain input can have: its multiplier 1/scale has at most 12 bits (spec 1.4). */
export const LEAST_INPUT_SCALE: number = 1 / MAX_AFFINE_SCALE;

/**
 * Constants of the input sequence floor(((x + bias) · multiplier) · 2^-shift) that rounds x / scale, or
 * (factor · (x - center) + offset) / scale per channel, half up (spec 1.4).
 */
export function quantiseInput(affine: InputAffine | undefined, scale: number): InputConstants {
  if (affine === undefined) {
    const limit = scale * MAX_INPUT_SCALE < 1 ? MAX_AFFINE_SCALE : MAX_INPUT_SCALE;
    const { multiplier, shift } = multiplierFor(1 / scale, limit);
    return {
      bias: Float32Array.of(2 ** (shift - 1) / multiplier),
      multiplier: Float32Array.of(multiplier),
      shift: Int32Array.of(shift),
    };
  }
  const channels = affine.factor.length;
  const constants: InputConstants = {
    bias: new Float32Array(channels),
    multiplier: new Float32Array(channels),
    shift: new Int32Array(channels),
  };
  for (const [channel, factor] of affine.factor.entries()) {
    const offset = affine.offset[channel] ?? 0;
    const { multiplier, shift } = multiplierFor(factor / scale, MAX_AFFINE_SCALE);
    if (multiplier === 0) {
      // The channel is constant: a bias so large that x vanishes beside it.
      constants.multiplier[channel] = 1;
      constants.shift[channel] = MAX_SHIFT;
      constants.bias[channel] = (offset / scale + 0.5) * 2 ** MAX_SHIFT;
      continue;
    }
    const half = scale / 2;
    constants.multiplier[channel] = multiplier;
    constants.shift[channel] = shift;
    constants.bias[channel] = (offset + half) / factor - (affine.center[channel] ?? 0);
  }
  return constants;
}

/** The per-channel map of a BatchNormalization with constant parameters. */
export function inputAffineOf(batchnorm: Node): InputAffine {
  const [gamma, beta, mean, variance] = batchnorm.inputs.slice(1).map((input) => input?.constant?.toNumbers());
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined) {
    throw new InternalError(`the parameters of '${batchnorm.name}' are not constant`);
  }
  const epsilon = batchnorm.attrs.float('epsilon', 1e-5);
  const deviation = variance.map((value) => Math.sqrt(value + epsilon));
  const factor = gamma.map((value, channel) => value / (deviation[channel] ?? NaN));
  return { factor, deviation, center: mean, offset: beta };
}

/**
 * The smallest scale of at least `wanted` whose reciprocal is an 8-bit integer over a power of two, so that a plain input
 * is quantised without any error of the multiplier; a 12-bit integer below 1/255.
 */
export function exactInputScale(wanted: number): number {
  if (wanted <= LEAST_INPUT_SCALE) return LEAST_INPUT_SCALE;
  const limit = wanted * MAX_INPUT_SCALE < 1 ? MAX_AFFINE_SCALE : MAX_INPUT_SCALE;
  if (wanted > 2 ** MAX_SHIFT) return wanted;
  const shift = Math.min(MAX_SHIFT, Math.max(0, Math.floor(Math.log2(limit * wanted) + 1e-12)));
  return 2 ** shift / Math.max(1, Math.floor(2 ** shift / wanted + 1e-9));
}
