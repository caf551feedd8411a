import { MAX_BIAS_4, MAX_BIAS_8, MAX_SCALE, MAX_SHIFT } from '../arithmetic/requantisation.js';
import { weightLimit, type Bits } from '../../quantisation.js';

/** Widths of the row of the BNORM table that weights of some number of bits use (spec 1.2). */
export interface Widths {
  /** Largest magnitude of a weight. */
  readonly limit: number;
  readonly maxScale: number;
  /** Largest bias; the least one is one less than its negative. */
  readonly maxBias: number;
}

export const widthsOf = (bits: Bits): Widths => ({
  limit: weightLimit(bits),
  maxScale: bits === 8 ? 1 : MAX_SCALE,
  maxBias: bits === 8 ? MAX_BIAS_8 : MAX_BIAS_4,
});

/**
 * scale / 2^shift, exactly `value`, with the smallest scale there is: the product with the scale is then smallest, while
 * bias and result of a BNORM are the same for every way to write a multiplier.
 */
export interface ExactMultiplier {
  readonly value: number;
  readonly scale: number;
  readonly shift: number;
}

/** Multipliers that the hardware cannot express either, for a search that is not to be constrained, have such shifts. */
export const isExpressible = ({ scale, shift }: ExactMultiplier, { maxScale }: Widths): boolean =>
  shift >= 0 && shift <= MAX_SHIFT && scale <= maxScale;

/** The multiplier with an odd scale, or without a shift. */
export function exactMultiplier(scale: number, shift: number): ExactMultiplier {
  const value = scale * 2 ** -shift;
  let [odd, left] = [scale, shift];
  while (left > 0 && odd % 2 === 0) {
    odd /= 2;
    left--;
  }
  return { value, scale: odd, shift: left };
}

/**
 * Every multiplier in [lo, hi] that is an integer of at most `maxScale` times a power of two, whatever the power, in
 * ascending order.
 */
export function multipliersBetween(lo: number, hi: number, maxScale: number): ExactMultiplier[] {
  if (!(lo > 0) || !Number.isFinite(hi)) return [];
  const found: ExactMultiplier[] = [];
  for (let odd = 1; odd <= maxScale; odd += 2) {
    const last = Math.floor(Math.log2(odd / lo)) + 1;
    for (let shift = Math.ceil(Math.log2(odd / hi)) - 1; shift <= last; shift++) {
      const value = odd * 2 ** -shift;
      if (value < lo || value > hi) continue;
      const whole = shift < 0 && value <= maxScale;
      found.push({ value, scale: whole ? value : odd, shift: whole ? 0 : shift });
    }
  }
  return found.sort((a, b) => a.value - b.value);
}
