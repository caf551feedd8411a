import { divideShapes } from '../../ir/ops/symbolic.js';
import { isStatic, sizeOf, type Shape } from '../../ir/shape.js';
import type { Affine, ChannelAffine } from './affine.js';

const sameCount = (a: Shape, b: Shape): boolean => {
  const quotient = divideShapes(a, b);
  return quotient.kind === 'exact' && quotient.dim === 1;
};

/**
 * The affine function with one scale and shift for each index along axis `axis` of `shape`, a row-major view of the
 * elements that it applies to under `from`. Undefined when an index would need several, or sizes are not known.
 */
export function alongAxis(affine: Affine, from: Shape, shape: Shape, axis: number): ChannelAffine | undefined {
  const channels = shape[axis];
  if (typeof channels !== 'number') return undefined;
  const { axis: own } = affine;
  if (own === undefined) return pick(affine, channels, () => 0);
  const count = affine.scale.length;
  for (let start = 0; start <= own; start++) {
    const alignedAhead = sameCount(from.slice(0, start), shape.slice(0, axis));
    for (let end = own + 1; end <= from.length; end++) {
      const merged: Shape = from.slice(start, end);
      if (!isStatic(merged)) break;
      if (sizeOf(merged) !== channels) continue;
      // As both have equally many elements, either side of the merged axes tells.
      if (!alignedAhead && !sameCount(from.slice(end), shape.slice(axis + 1))) continue;
      const inner = sizeOf(merged.slice(own - start + 1));
      return pick(affine, channels, (channel) => Math.floor(channel / inner) % count);
    }
  }
  return undefined;
}

function pick({ scale, shift }: Affine, channels: number, index: (channel: number) => number): ChannelAffine {
  const spread = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: channels }, (_, channel) => values[index(channel)] ?? 0);
  return { scale: spread(scale), shift: spread(shift) };
}
