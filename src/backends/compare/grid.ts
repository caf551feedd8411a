/** The integers of a tensor and the real numbers that they stand for: scale · (integer - zeroPoint). */
export interface Grid {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly lo: number;
  readonly hi: number;
}

/** The nearest point of the grid, ties away from the zero point. */
export function nearestPoint(x: number, { scale, zeroPoint, lo, hi }: Grid): number {
  const level = Math.round(Math.abs(x) / scale) * Math.sign(x) + zeroPoint;
  return scale * (Math.max(lo, Math.min(hi, level)) - zeroPoint);
}

/** x, or the end of the grid's range that it lies beyond; half a step beyond still rounds to the end. */
export function withinRange(x: number, { scale, zeroPoint, lo, hi }: Grid): number {
  return Math.max(scale * (lo - zeroPoint - 0.5), Math.min(scale * (hi - zeroPoint + 0.5), x));
}

/** Width of the integers. */
export const bitsOfGrid = ({ lo, hi }: Pick<Grid, 'lo' | 'hi'>): number => Math.ceil(Math.log2(hi - lo + 1));

/** The same integers for real numbers `factor` times as large. */
export const scaled = (grid: Grid, factor: number): Grid => ({ ...grid, scale: grid.scale * factor });
