import type { Quantisation } from '../../../ir/graph.js';
import type { Range } from '../../../passes/calibration/observers/observer.js';
import { integersOf } from '../../quantisation.js';
import type { Bounds, QuantisationPoint } from '../split/roles.js';

/** Width of the result of a residual 1×1 convolution in front of its addition (BNORMRES, spec 1.2). */
const RESIDUAL_BITS = 10;

/** Bounds are taken as reached from this share of them on: the scale then makes the integers saturate there. */
const REACHED = 0.9;

/** Bounds that differ in magnitude by no more than this share of them are symmetric: half a step of 8 bits. */
const SYMMETRIC = 1 / 255;

/** The integers of a point at a scale. */
export const gridOf = ({ bits, residual }: QuantisationPoint, scale: number, signed: boolean): Quantisation =>
  residual ? { scale, bits: RESIDUAL_BITS, signed: true } : { scale, bits, signed };

/**
 * The largest scale at which integers still saturate at the bounds of a Clip (spec 1.2): c / 255 for 8 unsigned bits,
 * c / 127.5 for signed ones; Infinity where saturation cannot stand for the bounds: there are none, or they are neither
 * [0, c] nor [-c, c].
 */
export function largestScale({ bounds, bits }: QuantisationPoint, signed: boolean): number {
  if (bounds === undefined || !Number.isFinite(bounds.max)) return Infinity;
  if (!signed) return bounds.min <= 0 ? bounds.max / (2 ** bits - 1) : Infinity;
  const symmetric = bounds.min < 0 && Math.abs(bounds.max + bounds.min) <= -bounds.min * SYMMETRIC;
  return symmetric ? -bounds.min / (2 ** (bits - 1) - 0.5) : Infinity;
}

/**
 * The scale whose saturation stands for the bounds of a Clip; undefined without such a scale, or where the observed range
 * stays clear of the bounds, so that they never matter.
 */
export function saturatingScale(range: Range, signed: boolean, point: QuantisationPoint): number | undefined {
  const scale = largestScale(point, signed);
  if (point.bounds === undefined || scale === Infinity) return undefined;
  const reached = range.max >= REACHED * point.bounds.max || (signed && range.min <= REACHED * point.bounds.min);
  return reached ? scale : undefined;
}

/** Whether a point's integers are signed: its observed minimum is below 0 (spec 1.1). */
export const isSigned = (range: Range, bounds: Bounds | undefined): boolean =>
  (bounds === undefined || bounds.min < 0) && range.min < 0;

/** The scale at which a range just fits, no larger than bounds make sense of; 0 for a tensor that is 0 throughout. */
export function fittingScale({ min, max }: Range, signed: boolean, point: QuantisationPoint): number {
  const { lo, hi } = integersOf(gridOf(point, 1, signed));
  const scale = signed ? Math.max(min / lo, max / hi) : max / hi;
  return Math.min(Math.max(0, scale), largestScale(point, signed));
}

/** The scale that several tensors share: the largest of their own; 1 where all of them are 0 throughout. */
export function sharedScale(scales: readonly number[]): number {
  const scale = Math.max(...scales);
  return scale > 0 ? scale : 1;
}
