import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { isConstant, type ConstantValue } from '../../../../src/ir/graph.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { integerTensor, perChannel, scalarOf, shiftOf } from '../../../../src/backends/tinpu/lift/integer-constants.js';

function value(tensor: Tensor): ConstantValue {
  const constant = GraphEditor.create('g').constant(tensor, 'c');
  if (!isConstant(constant)) throw new Error('the editor makes constants');
  return constant;
}
const floats = (dims: readonly number[], items: readonly number[]): ConstantValue => value(Tensor.float32(dims, items));

describe('integerTensor', () => {
  it('keeps dims and elements', () => {
    const tensor = integerTensor(floats([2, 2], [-128, 0, 1, 127]), 'int8', -128, 127);
    expect([tensor?.dtype, tensor?.dims, tensor?.toNumbers()]).toEqual(['int8', [2, 2], [-128, 0, 1, 127]]);
  });

  it.each([[0.5], [-129], [128], [NaN], [Infinity]])('refuses %d', (item) => {
    expect(integerTensor(floats([2], [1, item]), 'int8', -128, 127)).toBeUndefined();
  });

  it('refuses what does not fit into numbers', () => {
    expect(integerTensor(value(Tensor.int64([1])), 'int8', -128, 127)).toBeUndefined();
  });
});

describe('perChannel', () => {
  it.each([
    [[1, 3, 1, 1], 4],
    [[3, 1, 1], 4],
    [[1, 3], 2],
    [[3], 2],
  ])('takes dims [%j] at rank %d as channels', (dims, rank) => {
    expect(perChannel(floats(dims, [1, 2, 3]), rank)).toEqual([1, 2, 3]);
  });

  it('takes one element for all', () => {
    expect(perChannel(floats([], [7]), 4)).toEqual([7]);
    expect(perChannel(floats([1, 1], [7]), 4)).toEqual([7]);
  });

  it.each([
    [[3], 4],
    [[3, 1, 1, 1], 4],
    [[1, 1, 3, 1], 4],
    [[1, 1, 3], 2],
  ])('refuses dims [%j] at rank %d', (dims, rank) => {
    expect(perChannel(floats(dims, [1, 2, 3]), rank)).toBeUndefined();
  });
});

describe('scalarOf', () => {
  it('is the element of a constant of one', () => {
    expect(scalarOf(floats([1, 1], [2.5]))).toBe(2.5);
    expect(scalarOf(floats([2], [1, 2]))).toBeUndefined();
    expect(scalarOf(undefined)).toBeUndefined();
  });
});

describe('shiftOf', () => {
  it.each([
    [1, 0],
    [0.5, 1],
    [2 ** -31, 31],
    [2 ** -32, undefined],
    [2, undefined],
    [0.3, undefined],
    [0, undefined],
    [-0.5, undefined],
    [NaN, undefined],
  ])('of %d is %s', (x, shift) => {
    expect(shiftOf(x)).toBe(shift);
  });
});
