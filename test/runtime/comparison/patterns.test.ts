import { describe, expect, it } from 'vitest';
import { patternsOf, type DifferencePattern } from '../../../src/runtime/comparison/patterns.js';

const map = (...channels: readonly (readonly number[])[]): number[] => channels.flat();

describe('patternsOf', () => {
  it.each<[what: string, expected: number[], got: number[], dims: number[], patterns: DifferencePattern[]]>([
    ['nothing', [1, 2], [1, 2], [2], []],
    ['bytes without a sign', [200, 5, 255], [-56, 5, -1], [3], ['signedness']],
    ['integers of 32 bits without a sign', [2 ** 32 - 74, 5], [-74, 5], [2], ['signedness']],
    ['words without a sign', [65535, 5], [-1, 5], [2], ['signedness']],
    ['a difference of 256 that is no sign', [300, 5], [44, 5], [2], []],
    ['a difference of 256 beyond bytes', [100, 0], [-156, 0], [2], []],
    ['a sign and another difference', [200, 5], [-56, 6], [2], []],
    ['off by one', [1, 2, 3], [2, 1, 3], [3], ['off-by-one']],
    ['off by two', [1, 2, 3], [3, 2, 3], [3], []],
    ['off by one but NaN', [1, NaN], [2, 3], [2], []],
    ['channels last', [1, 10, 2, 20, 3, 30], [1, 2, 3, 10, 20, 30], [1, 2, 3], ['channels-last']],
    ['channels last but one', [1, 10, 2, 20, 3, 31], [1, 2, 3, 10, 20, 30], [1, 2, 3], []],
    [
      'an offset of one channel',
      map([1, 2, 3, 4], [15, 26, 37, 48]),
      map([1, 2, 3, 4], [10, 21, 32, 43]),
      [1, 2, 4],
      [],
    ],
    [
      'an offset of a channel of enough elements within bounds',
      map([0, 99, 3, 4, 5, 6], [15, 26, 37, 48, 59, 60]),
      map([0, 99, 3, 4, 5, 6], [10, 21, 32, 43, 54, 55]),
      [1, 2, 6],
      ['channel-offset'],
    ],
    [
      'an offset that is clipped',
      map([0, 99, 3, 4, 5, 6], [15, 26, 37, 48, 99, 3]),
      map([0, 99, 3, 4, 5, 6], [10, 21, 32, 43, 97, 0]),
      [1, 2, 6],
      ['channel-offset'],
    ],
    [
      'an offset clipped the wrong way',
      map([0, 99, 3, 4, 5, 6], [15, 26, 37, 48, 99, 0]),
      map([0, 99, 3, 4, 5, 6], [10, 21, 32, 43, 97, 3]),
      [1, 2, 6],
      [],
    ],
    [
      'offsets that are not one',
      map([0, 99, 3, 4, 5, 6], [15, 26, 37, 48, 59, 60]),
      map([0, 99, 3, 4, 5, 6], [10, 21, 32, 43, 54, 56]),
      [1, 2, 6],
      [],
    ],
  ])('%s', (_, expected, got, dims, patterns) => {
    expect(patternsOf(expected, got, dims)).toEqual(patterns);
  });
});
