import type { Value } from '../../../ir/graph.js';
import type { Interval } from '../arithmetic/integer-range.js';
import { scalarOf } from './integer-constants.js';

/** Bounds of a Clip or Relu, infinite where left open; undefined when they are not constant. */
export function boundsOf(op: string, min: Value | undefined, max: Value | undefined): Interval | undefined {
  const lo = op === 'Relu' ? 0 : min === undefined ? -Infinity : scalarOf(min);
  const hi = max === undefined ? Infinity : scalarOf(max);
  return lo === undefined || hi === undefined ? undefined : { lo, hi };
}

/** Whether lo … hi are integers that a clipping operator of the quantised dialect can have for bounds. */
export const fitsActivation = ({ lo, hi }: Interval): boolean =>
  Number.isInteger(lo) && Number.isInteger(hi) && lo <= hi && lo >= -32768 && hi <= 32767;
