import type { Bounds } from '../../../passes/bounds.js';
import type { Range } from '../../../passes/calibration/observers/observer.js';
import { roundHalfEven } from '../../../runtime/float/floats.js';
import type { Bits } from '../../quantisation.js';

/**
 * The integers 0 … 2^bits - 1 of an activation, stored as uint8: real = scale × (integer - zero point), scale a float32
 * number (spec 3.4).
 */
export interface Grid {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: Bits;
}

/** Products of two scales stay normal float32 numbers above this one. */
const LEAST_SCALE = 2 ** -50;

/** The largest integer. */
export const topOf = ({ bits }: Pick<Grid, 'bits'>): number => 2 ** bits - 1;

/** The grid from end to end of a range and 0, both expressible; scale 1 for a tensor that is 0 throughout. */
export function gridOf({ min, max }: Range, bits: Bits): Grid {
  const lo = Math.min(0, min);
  const hi = Math.max(0, max);
  if (lo === hi) return { scale: 1, zeroPoint: 0, bits };
  const top = 2 ** bits - 1;
  const scale = Math.max(Math.fround((hi - lo) / top), LEAST_SCALE);
  return { scale, zeroPoint: Math.max(0, Math.min(top, roundHalfEven(-lo / scale))), bits };
}

/** The integer of a real number as QuantizeLinear computes it, before saturation: the quotient is one of float32. */
export const integerOf = (x: number, { scale, zeroPoint }: Grid): number =>
  roundHalfEven(Math.fround(Math.fround(x) / scale)) + zeroPoint;

/** Whether saturation alone does what a Clip in front of the quantisation would do: its bounds are at the ends or beyond. */
export const saturatesAt = ({ lo, hi }: Bounds, grid: Grid): boolean =>
  integerOf(lo, grid) <= 0 && integerOf(hi, grid) >= topOf(grid);

/** The real numbers at the ends of the grid. */
export function spanOf(grid: Grid): Bounds {
  const { scale, zeroPoint } = grid;
  return { lo: Math.fround(-zeroPoint * scale), hi: Math.fround((topOf(grid) - zeroPoint) * scale) };
}
