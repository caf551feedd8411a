import type { Quantisation } from '../../../ir/graph.js';
import type { Range } from '../../../passes/calibration/observers/observer.js';
import { integersOf } from '../../quantisation.js';
import type { Bounds } from '../roles.js';

/** Bounds are taken as reached from this share of them on: the scale then makes the integers saturate there. */
const REACHED = 0.9;

/**
 * The scale whose saturation stands for the bounds of a Clip (spec 1.2): c / 255 for [0, c], c / 127.5 for [-c, c];
 * undefined without an upper bound, or where the observed maximum stays clear of it, so that it never matters.
 */
export function saturatingScale(range: Range, bounds: Bounds | undefined): number | undefined {
  if (bounds === undefined || !Number.isFinite(bounds.max)) return undefined;
  if (range.max < REACHED * bounds.max && (bounds.min === 0 || range.min > REACHED * bounds.min)) return undefined;
  return boundScale(bounds);
}

/** The largest scale at which integers still saturate at the bounds. */
export const largestScale = (bounds: Bounds | undefined): number =>
  bounds === undefined ? Infinity : boundScale(bounds);

const boundScale = ({ min, max }: Bounds): number => (min === 0 ? max / 255 : Math.max(max, -min) / 127.5);

/** Whether a point's integers are signed: its observed minimum is below 0 (spec 1.1). */
export const isSigned = (range: Range, bounds: Bounds | undefined): boolean =>
  (bounds === undefined || bounds.min < 0) && range.min < 0;

/** The scale at which a range just fits, no larger than bounds make sense of; 1 for a tensor that is 0 throughout. */
export function fittingScale({ min, max }: Range, signed: boolean, bounds?: Bounds): number {
  const { lo, hi } = integersOf({ bits: 8, signed });
  const scale = signed ? Math.max(min / lo, max / hi) : max / hi;
  return Math.min(scale > 0 ? scale : 1, largestScale(bounds));
}

export const activation = (scale: number, signed: boolean): Quantisation => ({ scale, bits: 8, signed });
