import type { Attributes } from '../../ir/attributes.js';

/** Attributes with one entry a spatial axis, and the entry of an axis of size 1 that nothing happens on. */
const PER_AXIS: readonly (readonly [name: string, idle: number])[] = [
  ['dilations', 1],
  ['kernel_shape', 1],
  ['output_padding', 0],
  ['output_shape', 1],
  ['strides', 1],
];

/** Window attributes with another spatial axis, of size 1, behind the others. */
export const withSpatialAxis = (attrs: Attributes): Attributes =>
  reaxised(attrs, (entries, idle) => [...entries, idle]);

/** Window attributes without spatial axis `axis`. */
export const withoutSpatialAxis = (attrs: Attributes, axis: number): Attributes =>
  reaxised(attrs, (entries) => entries.toSpliced(axis, 1));

function reaxised(attrs: Attributes, change: (entries: readonly number[], idle: number) => number[]): Attributes {
  let result = attrs;
  for (const [name, idle] of PER_AXIS) {
    const entries = attrs.ints(name, []);
    if (entries.length > 0) result = result.with(name, change(entries, idle));
  }
  const pads = attrs.ints('pads', []);
  const half = pads.length / 2;
  return half === 0 ? result : result.with('pads', [...change(pads.slice(0, half), 0), ...change(pads.slice(half), 0)]);
}
