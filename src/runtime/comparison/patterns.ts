import { sizeOf } from '../../ir/shape.js';
import { channelsFirst, isOrdered } from './channel-order.js';
import { distance } from './compare-tensors.js';

/** What differences of a tensor look like. */
export type DifferencePattern = 'signedness' | 'channels-last' | 'channel-offset' | 'off-by-one';

/**
 * The patterns that all differences follow, each tested on every element, the most telling first:
 * signedness: each is 256 (or 65536), and expected values read as the other signedness are those computed;
 * channels-last: expected values in the order N, H, W, C are those computed;
 * channel-offset: expected and computed values differ by one constant on each channel (axis 1) of several elements;
 * off-by-one: each is ±1.
 */
export function patternsOf(
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  dims: readonly number[],
): readonly DifferencePattern[] {
  const differences = Array.from({ length: got.length }, (_, i) => expected[i]! - got[i]!);
  const nonzero = differences.filter((difference) => difference !== 0);
  if (nonzero.length === 0) return [];
  const patterns: DifferencePattern[] = [];
  if ([256, 65536].some((span) => nonzero.every((difference) => Math.abs(difference) === span))) {
    patterns.push('signedness');
  }
  if (isOrdered(dims)) {
    const moved = channelsFirst(expected, dims);
    if (moved.every((value, i) => distance(value, got[i]!) === 0)) patterns.push('channels-last');
  }
  const single = nonzero.every((difference) => Math.abs(difference) === 1);
  if (!patterns.includes('signedness') && hasChannelOffsets(differences, dims)) patterns.push('channel-offset');
  if (single) patterns.push('off-by-one');
  return patterns;
}

function hasChannelOffsets(differences: readonly number[], dims: readonly number[]): boolean {
  const channels = dims[1] ?? 1;
  const map = sizeOf(dims.slice(2));
  if (dims.length < 3 || map < 4) return false;
  const offsets = Array.from({ length: channels }, (_, c) => differences[c * map]);
  return differences.every((difference, i) => difference === offsets[Math.floor(i / map) % channels]);
}
