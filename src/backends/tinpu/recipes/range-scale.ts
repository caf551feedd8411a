import type { Quantisation } from '../../../ir/graph.js';
import type { Range } from '../../../passes/calibration/observers/observer.js';
import { integersOf } from '../../quantisation.js';
import type { Bounds } from '../roles.js';

/** Bounds are taken as reached from this share of them on: the scale then makes the integers saturate there. */
const REACHED = 0.9;

/**
 * The scale whose saturation stands for the bounds of a Clip (spec 1.2): c / 255 for unsigned integers, c / 127.5 for
 * signed ones; undefined without an upper bound, or where the observed range stays clear of the bounds, so that they
 * never matter.
 */
export function saturatingScale(range: Range, signed: boolean, bounds: Bounds | undefined): number | undefined {
  if (bounds === undefined || !Number.isFinite(bounds.max)) return undefined;
  if (range.max < REACHED * bounds.max && !(signed && range.min < REACHED * bounds.min)) return undefined;
  return largestScale(signed, bounds);
}

/** The largest scale at which integers still saturate at the bounds. */
export function largestScale(signed: boolean, bounds: Bounds | undefined): number {
  if (bounds === undefined) return Infinity;
  return signed ? -bounds.min / 127.5 : bounds.max / 255;
}

/** Whether a point's integers are signed: its observed minimum is below 0 (spec 1.1). */
export const isSigned = (range: Range, bounds: Bounds | undefined): boolean =>
  (bounds === undefined || bounds.min < 0) && range.min < 0;

/** The scale at which a range just fits, no larger than bounds make sense of; 1 for a tensor that is 0 throughout. */
export function fittingScale({ min, max }: Range, signed: boolean, bounds?: Bounds): number {
  const { lo, hi } = integersOf({ bits: 8, signed });
  const scale = signed ? Math.max(min / lo, max / hi) : max / hi;
  return Math.min(scale > 0 ? scale : 1, largestScale(signed, bounds));
}

export const activation = (scale: number, signed: boolean): Quantisation => ({ scale, bits: 8, signed });
