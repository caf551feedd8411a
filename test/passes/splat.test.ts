import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../src/ir/editor.js';
import { Tensor } from '../../src/ir/tensor.js';
import { splatOf } from '../../src/passes/splat.js';

const editor = GraphEditor.create('g');
const splat = (tensor: Tensor): number | undefined => splatOf(editor.constant(tensor));

describe('splatOf', () => {
  it('finds the number all elements are equal to', () => {
    expect(splat(Tensor.float32([], [0.5]))).toBe(0.5);
    expect(splat(Tensor.float32([2, 2], [3, 3, 3, 3]))).toBe(3);
    expect(splat(Tensor.float32([2], [0, -0]))).toBe(0);
  });

  it('finds none in unequal, missing or unordered elements, or in a value that is computed', () => {
    expect(splat(Tensor.float32([2], [1, 2]))).toBeUndefined();
    expect(splat(Tensor.float32([0], []))).toBeUndefined();
    expect(splat(Tensor.float32([2], [NaN, NaN]))).toBeUndefined();
    expect(splat(Tensor.int64([1, 1]))).toBeUndefined();
    expect(splatOf(editor.addInput('x', { dtype: 'float32', shape: [1] }))).toBeUndefined();
    expect(splatOf(undefined)).toBeUndefined();
  });
});
