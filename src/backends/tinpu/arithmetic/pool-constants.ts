import { MAX_BIAS_4, MAX_SCALE, MAX_SHIFT } from './requantisation.js';
import type { PoolConstants } from '../recipes/recipe.js';

/** Integers beyond this magnitude are not exact in the float32 carrier (spec 1.6). */
const EXACT = 2 ** 24;
const HIGHEST_INPUT = 255;

/**
 * BNORM constants of a window sum: scale / 2^shift = s_x / (s_y · area), as close as 8 bits of the scale, the 16-bit bias
 * and exactness of the carrier allow, in lowest terms (spec 1.3). The rounding half is 2^(shift-1) / scale, rounded.
 */
export function quantisePool(area: number, inputScale: number, outputScale: number): PoolConstants {
  const factor = inputScale / (outputScale * area);
  const finest = finestShift(factor);
  for (let shift = finest; shift >= 0; shift--) {
    const constants = constantsAt(factor, shift);
    if (fits(area, constants)) return constants;
  }
  // Sums of so large a window are not exact in the carrier whatever the scale.
  const { bias, ...rest } = constantsAt(factor, finest);
  return { ...rest, bias: Math.min(bias, MAX_BIAS_4) };
}

/**
 * The smallest output scale of at least `wanted` at which scale / 2^shift is the factor of a window sum without any error,
 * within the same constraints; `wanted` where there is none.
 */
export function exactPoolScale(area: number, inputScale: number, wanted: number): number {
  const factor = inputScale / (wanted * area);
  let best = 0;
  for (let shift = finestShift(factor); shift >= 0; shift--) {
    const scale = Math.floor(factor * 2 ** shift * (1 + 1e-9));
    if (scale >= 1 && scale / 2 ** shift > best && fits(area, constantsAt(scale / 2 ** shift, shift))) {
      best = scale / 2 ** shift;
    }
  }
  return best === 0 ? wanted : inputScale / (best * area);
}

/** The largest shift at which the scale still has 8 bits. */
const finestShift = (factor: number): number =>
  Math.max(0, Math.min(MAX_SHIFT, Math.floor(Math.log2(MAX_SCALE / factor) + 1e-9)));

const fits = (area: number, { scale, bias }: PoolConstants): boolean =>
  scale <= MAX_SCALE && bias <= MAX_BIAS_4 && (area * HIGHEST_INPUT + bias) * scale <= EXACT;

function constantsAt(factor: number, finest: number): PoolConstants {
  let scale = Math.max(1, Math.round(factor * 2 ** finest));
  let shift = finest;
  for (; scale % 2 === 0 && shift > 0; shift--) scale /= 2;
  return { scale, bias: shift === 0 ? 0 : Math.round(2 ** (shift - 1) / scale), shift };
}
