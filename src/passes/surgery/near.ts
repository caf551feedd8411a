/** Relative error of a few float32 roundings: exporters store each constant rounded, and products of several of them. */
const ROUNDING = 2 ** -21;

/** Whether a number read from constants of a model is `wanted`, up to the rounding of those constants to float32. */
export const near = (found: number, wanted: number): boolean =>
  Math.abs(found - wanted) <= ROUNDING * (wanted === 0 ? 1 : Math.abs(wanted));
