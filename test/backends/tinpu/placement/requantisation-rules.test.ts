import { describe, expect, it } from 'vitest';
import type { LayerShape, Range, Requantisation } from '../../../../src/backends/tinpu/placement/layer.js';
import { requantisationRefusals } from '../../../../src/backends/tinpu/placement/requantisation-rules.js';

const PLAIN: Requantisation = { bias: [0, 0], scale: [1, 1], shift: [0, 0], clip: [0, 255] };

const refusals = (weightBits: number, changes: Partial<Requantisation>): string[] => {
  const shape: LayerShape = {
    pattern: 'PWCONV',
    inputChannels: 4,
    outputChannels: 4,
    groups: 1,
    kernel: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    weightBits,
    requantisation: { ...PLAIN, ...changes },
  };
  return requantisationRefusals(shape);
};

describe('requantisationRefusals', () => {
  it.each<[string, number, Partial<Requantisation>]>([
    ['all biases of 24 bits', 8, { bias: [-(2 ** 23), 2 ** 23 - 1] }],
    ['all biases of 16 bits beside narrow weights', 4, { bias: [-(2 ** 15), 2 ** 15 - 1] }],
    ['all scales of 8 bits beside narrow weights', 2, { scale: [0, 255] }],
    ['all shifts', 8, { shift: [0, 31] }],
    ['a residual addition of 10 bits', 8, { clip: [-512, 511], sum: [0, 255] }],
  ])('takes %s', (_, bits, changes) => {
    expect(refusals(bits, changes)).toEqual([]);
  });

  it.each<[string, number, Partial<Requantisation>, string]>([
    ['a larger bias', 8, { bias: [0, 2 ** 23] }, 'bias 8388608, at most 8388607 with 8-bit weights'],
    ['a smaller bias', 8, { bias: [-(2 ** 23) - 1, 0] }, 'bias -8388609, at least -8388608 with 8-bit weights'],
    ['a larger bias beside narrow weights', 4, { bias: [0, 32768] }, 'bias 32768, at most 32767 with 4-bit weights'],
    ['a scale beside wide weights', 8, { scale: [1, 2] }, 'scale 2, at most 1 with 8-bit weights'],
    ['no scale beside wide weights', 8, { scale: [0, 1] }, 'scale 0, at least 1 with 8-bit weights'],
    ['a larger scale', 2, { scale: [0, 256] }, 'scale 256, at most 255 with 2-bit weights'],
    ['a larger shift', 8, { shift: [0, 32] }, 'shift 32, at most 31'],
    ['a negative shift', 8, { shift: [-1, 0] }, 'shift -1, at least 0'],
    ['10 bits without a residual', 8, { clip: [-512, 511] }, 'clip to -512 … 511, nearest accepted -128 … 127'],
    ['8 bits before a residual', 8, { clip: [0, 255], sum: [0, 255] }, 'clip to 0 … 255, nearest accepted -512 … 511'],
    [
      'an illegal bound behind a residual',
      8,
      { clip: [-512, 511], sum: [0, 200] },
      'clip to 0 … 200, nearest accepted 0 … 255',
    ],
  ])('refuses %s', (_, bits, changes, refusal) => {
    expect(refusals(bits, changes)).toEqual([refusal]);
  });

  it('takes the ranges of signed and unsigned integers of 8, 4 and 2 bits, and no neighbours of them', () => {
    for (const bits of [8, 4, 2]) {
      const ranges: Range[] = [
        [0, 2 ** bits - 1],
        [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1],
      ];
      for (const [lo, hi] of ranges) {
        expect(refusals(8, { clip: [lo, hi] })).toEqual([]);
        expect(refusals(8, { clip: [lo, hi + 1] })).toEqual([
          `clip to ${lo} … ${hi + 1}, nearest accepted ${lo} … ${hi}`,
        ]);
        expect(refusals(8, { clip: [lo - 1, hi] })).toEqual([
          `clip to ${lo - 1} … ${hi}, nearest accepted ${lo} … ${hi}`,
        ]);
      }
    }
  });
});
