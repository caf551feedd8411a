import { Attributes } from '../ir/attributes.js';
import type { Node, Value } from '../ir/graph.js';
import { Tensor } from '../ir/tensor.js';
import type { Builder } from './rule.js';
import { splatOf } from './splat.js';

/** The interval that a Clip brings its elements into; infinities stand for no bound. */
export interface Bounds {
  readonly lo: number;
  readonly hi: number;
}

/** Bounds from here on do not bound finite float32 numbers; exporters write them for "none". */
const LARGEST = Math.fround(3.4028234663852886e38);

/**
 * The constant bounds of a Clip of float32; undefined when they are not constant, or NaN. An empty interval is its upper
 * bound.
 */
export function boundsOf(clip: Node): Bounds | undefined {
  const [x, low, high] = clip.inputs;
  if (clip.op !== 'Clip' || x?.type.dtype !== 'float32') return undefined;
  const lo = low === undefined ? -Infinity : splatOf(low);
  const hi = high === undefined ? Infinity : splatOf(high);
  if (lo === undefined || hi === undefined || Number.isNaN(lo) || Number.isNaN(hi)) return undefined;
  return tidied({ lo, hi });
}

/** The bounds of Clip(Clip(x, first), second): minimum and maximum distribute over each other, so this holds for any bounds. */
export const composeBounds = (first: Bounds, second: Bounds): Bounds =>
  tidied({ lo: Math.max(first.lo, second.lo), hi: Math.min(Math.max(first.hi, second.lo), second.hi) });

function tidied({ lo, hi }: Bounds): Bounds {
  const upper = hi >= LARGEST ? Infinity : hi;
  const lower = lo <= -LARGEST ? -Infinity : lo;
  return { lo: Math.min(lower, upper), hi: upper };
}

/** The value brought into the bounds by a Clip with constant scalar bounds, or the value itself when there are none. */
export function clipped(to: Builder, value: Value, { lo, hi }: Bounds): Value {
  if (lo === -Infinity && hi === Infinity) return value;
  const bound = (x: number, name: string): Value => to.constant(Tensor.float32([], [x]), name);
  const low = lo === -Infinity ? undefined : bound(lo, 'min');
  const high = hi === Infinity ? [] : [bound(hi, 'max')];
  return to.op('Clip', [value, low, ...high], Attributes.none);
}
