import { integerRange } from '../../ir/dtype.js';
import type { Node } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../float/buffers.js';

/** The zero point of a requantised result and where it saturates. */
export interface Target {
  readonly zero: number;
  readonly lo: number;
  readonly hi: number;
}

/** The target that a zero point and the bounds of a node make. */
export function targetOf({ attrs }: Node, zeroPoint: Tensor): Target {
  const range = integerRange(zeroPoint.dtype);
  return { zero: numbersOf(zeroPoint)[0]!, lo: attrs.int('lo', range.lo), hi: attrs.int('hi', range.hi) };
}

/** clip(rounded + zero, lo, hi) */
export function saturate(rounded: number, { zero, lo, hi }: Target): number {
  const value = rounded + zero;
  return value > hi ? hi : value < lo ? lo : value;
}
