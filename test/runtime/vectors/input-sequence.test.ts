import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../src/ir/tensor.js';
import { applyInputSequence, isSequencePart, type InputSequence } from '../../../src/runtime/vectors/input-sequence.js';

const sequence = (bias: number[], scale: number[], shift: number[]): InputSequence => ({
  prefix: 'p',
  bias: Float32Array.from(bias),
  scale: Float32Array.from(scale),
  shift: Int32Array.from(shift),
});
const BYTES = { lo: -128, hi: 127 };

describe('applyInputSequence', () => {
  it('takes an entry a channel, or one for all', () => {
    const x = Tensor.float32([1, 2, 2], [1, 2, 1, 2]);
    expect(applyInputSequence(x, sequence([0, 10], [4], [1]), BYTES).toNumbers()).toEqual([2, 4, 22, 24]);
    expect(applyInputSequence(x, sequence([0], [4, 8], [1, 2]), BYTES).toNumbers()).toEqual([2, 4, 2, 4]);
  });

  it('clips to the range it is given', () => {
    const x = Tensor.float32([2], [-1000, 1000]);
    expect(applyInputSequence(x, sequence([0], [1], [0]), BYTES).toNumbers()).toEqual([-128, 127]);
    expect(applyInputSequence(x, sequence([0], [1], [0]), { lo: 0, hi: 255 }).toNumbers()).toEqual([0, 255]);
  });

  it('rounds each step to float32', () => {
    // 16777216 + 1 is no float32, so the 1 is lost before the product is taken.
    const x = Tensor.float32([1], [2 ** 24]);
    expect(applyInputSequence(x, sequence([1], [1], [20]), BYTES).toNumbers()).toEqual([16]);
    expect(applyInputSequence(x, sequence([1 - 2 ** 24], [1], [0]), BYTES).toNumbers()).toEqual([1]);
  });

  it('rounds the product to float32 before it is shifted', () => {
    // -11184811 · 3 = -(2^25 + 1) is a tie of float32, which rounds to -2^25: shifted by 25 bits that is -1 and not below.
    const below = Tensor.float32([1], [-11184811]);
    expect(applyInputSequence(below, sequence([0], [3], [25]), BYTES).toNumbers()).toEqual([-1]);
  });

  it('takes an input of one axis or none for one channel', () => {
    const four = sequence([0, 10, 20, 30], [1], [0]);
    expect(applyInputSequence(Tensor.float32([3], [1, 2, 3]), four, BYTES).toNumbers()).toEqual([1, 2, 3]);
    expect(applyInputSequence(Tensor.float32([], [7]), four, BYTES).toNumbers()).toEqual([7]);
    const matrix = Tensor.float32([2, 2], [1, 2, 3, 4]);
    expect(applyInputSequence(matrix, four, BYTES).toNumbers()).toEqual([1, 12, 3, 14]);
  });

  it('floors, or truncates and then shifts', () => {
    // Products -0.5, -8.5, -9, 8.5 shifted by 3.
    const x = Tensor.float32([4], [-0.5, -8.5, -9, 8.5]);
    const both = (rounding: 'floor' | 'truncate'): number[] =>
      applyInputSequence(x, sequence([0], [1], [3]), BYTES, rounding).toNumbers();
    expect(both('floor')).toEqual([-1, -2, -2, 1]);
    expect(both('truncate')).toEqual([(-0.5 | 0) >> 3, (-8.5 | 0) >> 3, (-9 | 0) >> 3, (8.5 | 0) >> 3]);
  });
});

describe('isSequencePart', () => {
  it.each([
    ['tvmgen_default_bias_data', true],
    ['_shift_data', true],
    ['scale_data', false],
    ['a_scale_data_x', false],
  ])('%s: %s', (name, is) => {
    expect(isSequencePart(name)).toBe(is);
  });
});
