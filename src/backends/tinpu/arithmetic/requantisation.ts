/** Numbers of the NPU's requantisation (spec 1.2 to 1.4), shared by all recipes. */

export const MAX_SHIFT = 31;
/** Largest bias of a layer with 8-bit weights. */
export const MAX_BIAS_8: number = 2 ** 23 - 1;
/** Largest bias of a layer with 4- or 2-bit weights, and of a pool. */
export const MAX_BIAS_4: number = 2 ** 15 - 1;
/** Largest BNORM scale of a layer with 4- or 2-bit weights, and of a pool. */
export const MAX_SCALE = 255;
/** Largest multiplier of the input sequence: of a plain input, and of one merged with a BatchNormalization. */
export const MAX_INPUT_SCALE = 255;
export const MAX_AFFINE_SCALE = 4095;

/** multiplier / 2^shift, the closest to a factor that the constraints allow. */
export interface Multiplier {
  readonly multiplier: number;
  readonly shift: number;
}

/** Largest n in 0 … 31 with |factor| · 2^n ≤ limit; 0 when there is none. */
export function shiftFor(factor: number, limit: number): number {
  if (factor === 0) return MAX_SHIFT;
  return Math.min(MAX_SHIFT, Math.max(0, Math.floor(Math.log2(limit / Math.abs(factor)))));
}

/** multiplier = round(factor · 2^shift) with the shift that keeps most bits. */
export function multiplierFor(factor: number, limit: number): Multiplier {
  const shift = shiftFor(factor, limit);
  const multiplier = Math.min(limit, Math.max(-limit, Math.round(factor * 2 ** shift)));
  return { multiplier, shift };
}

/** The smallest power of two that is at least x; `log2` rounds to float32 first, as torch computes it (spec 1.7). */
export const powerOfTwoAbove = (x: number): number => 2 ** Math.ceil(Math.fround(Math.log2(x)));
