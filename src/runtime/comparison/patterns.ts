import { sizeOf } from '../../ir/shape.js';
import { channelsFirst, isOrdered } from './channel-order.js';
import { distance } from './compare-tensors.js';

/** What differences of a tensor look like. */
export type DifferencePattern = 'signedness' | 'channels-last' | 'channel-offset' | 'off-by-one';

/**
 * The patterns that all differences follow, each tested on every element, the most telling first:
 * signedness: a negative byte, or integer of 16 or 32 bits, stands against the same bits without sign;
 * channels-last: expected values in the order N, H, W, C are those computed;
 * channel-offset: expected and computed values differ by one constant on each channel (axis 1) of several elements, less where
 * one of them is the least or the greatest of the tensor and may be clipped;
 * off-by-one: each is ±1.
 */
export function patternsOf(
  expected: ArrayLike<number>,
  got: ArrayLike<number>,
  dims: readonly number[],
): readonly DifferencePattern[] {
  const differing: number[] = [];
  for (let i = 0; i < got.length; i++) if (distance(expected[i]!, got[i]!) > 0) differing.push(i);
  if (differing.length === 0) return [];
  const all = (test: (expected: number, got: number) => boolean): boolean =>
    differing.every((i) => test(expected[i]!, got[i]!));
  const patterns: DifferencePattern[] = [];
  if ([8, 16, 32].some((bits) => all((a, b) => sameBits(a, b, bits)))) patterns.push('signedness');
  if (isOrdered(dims)) {
    const moved = channelsFirst(expected, dims);
    if (moved.every((value, i) => distance(value, got[i]!) === 0)) patterns.push('channels-last');
  }
  if (!patterns.includes('signedness') && hasChannelOffsets(expected, got, dims)) patterns.push('channel-offset');
  if (all((a, b) => Math.abs(a - b) === 1)) patterns.push('off-by-one');
  return patterns;
}

/** Whether one is negative and both are the same bits. */
function sameBits(a: number, b: number, bits: number): boolean {
  const [least, greatest] = [Math.min(a, b), Math.max(a, b)];
  return least < 0 && least >= -(2 ** (bits - 1)) && greatest - least === 2 ** bits;
}

/** A map of fewer elements tells nothing of an offset. */
const ENOUGH = 4;

function hasChannelOffsets(expected: ArrayLike<number>, got: ArrayLike<number>, dims: readonly number[]): boolean {
  const [batch = 1, channels = 1] = dims;
  const map = sizeOf(dims.slice(2));
  if (dims.length < 3 || map < ENOUGH) return false;
  const [lowest, highest] = extent(expected, got);
  const clipped = (value: number): boolean => value === lowest || value === highest;
  for (let c = 0; c < channels; c++) {
    const offsets = new Set<number>();
    const partial: number[] = [];
    let whole = 0;
    for (let n = 0; n < batch; n++) {
      for (let i = (n * channels + c) * map, end = i + map; i < end; i++) {
        const difference = expected[i]! - got[i]!;
        if (clipped(expected[i]!) || clipped(got[i]!)) partial.push(difference);
        else {
          offsets.add(difference);
          whole++;
        }
      }
    }
    const [offset = 0] = offsets;
    if (offsets.size > 1) return false;
    const differs = offset !== 0 || partial.some((difference) => difference !== 0);
    if (differs && (offset === 0 || whole < ENOUGH || !partial.every((difference) => within(difference, offset)))) {
      return false;
    }
  }
  return true;
}

/** Whether a difference is a part of the offset. */
const within = (difference: number, offset: number): boolean =>
  Math.abs(difference) <= Math.abs(offset) && difference * offset >= 0;

function extent(expected: ArrayLike<number>, got: ArrayLike<number>): readonly [lowest: number, highest: number] {
  let [lowest, highest] = [Infinity, -Infinity];
  for (let i = 0; i < got.length; i++) {
    lowest = Math.min(lowest, expected[i]!, got[i]!);
    highest = Math.max(highest, expected[i]!, got[i]!);
  }
  return [lowest, highest];
}
