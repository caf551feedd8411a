import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../../src/backends/compare/labels.js';
import { Tensor } from '../../../src/ir/tensor.js';

describe('labels', () => {
  it('are rows of axis 0', () => {
    expect(labelsOf(Tensor.int64([2, 0, 1]), 3)).toEqual({ elements: [2, 0, 1], perSample: 1, stored: 'integers' });
    expect(labelsOf(Tensor.float32([2, 2], [1, 2, 3, 4]), 2)).toEqual({
      elements: [1, 2, 3, 4],
      perSample: 2,
      stored: 'floats',
    });
  });

  it('may be those of a rest that a fixed batch leaves out', () => {
    expect(labelsOf(Tensor.int64([2, 0, 1]), 2, 2).elements).toEqual([2, 0]);
    expect(() => labelsOf(Tensor.int64([2, 0, 1]), 2)).toThrow('there are 3 labels for 2 samples');
    expect(() => labelsOf(Tensor.int64([2, 0, 1, 1]), 2, 2)).toThrow('there are 4 labels for 2 samples');
    expect(() => labelsOf(Tensor.int64([2]), 2, 2)).toThrow('there are 1 labels for 2 samples');
  });
});
