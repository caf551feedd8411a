import { MAX_BIAS_4, MAX_SCALE, MAX_SHIFT } from './arithmetic.js';
import type { PoolConstants } from './recipes/recipe.js';

/** Integers beyond this magnitude are not exact in the float32 carrier (spec 1.6). */
const EXACT = 2 ** 24;
const HIGHEST_INPUT = 255;

/**
 * BNORM constants of a window sum: scale / 2^shift = s_x / (s_y · area), the scale as large as 8 bits, the 16-bit bias and
 * exactness of the carrier allow (spec 1.3). The rounding half is 2^(shift-1) / scale, rounded.
 */
export function quantisePool(area: number, inputScale: number, outputScale: number): PoolConstants {
  const factor = inputScale / (outputScale * area);
  let shift = Math.min(MAX_SHIFT, Math.floor(Math.log2(MAX_SCALE / factor) + 1e-9));
  for (; shift > 0; shift--) {
    const { scale, bias } = constantsAt(factor, shift);
    if (scale <= MAX_SCALE && bias <= MAX_BIAS_4 && (area * HIGHEST_INPUT + bias) * scale <= EXACT) break;
  }
  return { ...constantsAt(factor, shift), shift };
}

function constantsAt(factor: number, shift: number): Omit<PoolConstants, 'shift'> {
  const scale = Math.max(1, Math.round(factor * 2 ** shift));
  return { scale, bias: shift === 0 ? 0 : Math.round(2 ** (shift - 1) / scale) };
}
