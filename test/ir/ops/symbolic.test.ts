import { describe, expect, it } from 'vitest';
import { divideShapes, productDim, sumDims, unifyDims } from '../../../src/ir/ops/symbolic.js';
import type { Dim, Shape } from '../../../src/ir/shape.js';

describe('productDim', () => {
  it.each<[Shape, Dim | undefined]>([
    [[], 1],
    [[2, 3, 4], 24],
    [['N'], 'N'],
    [['N', 1, 1], 'N'],
    [['N', 2], undefined],
    [['N', 'M'], undefined],
    [['N', 'N'], undefined],
    [['N', 0], 0],
  ])('%j → %s', (shape, wanted) => {
    expect(productDim(shape)).toBe(wanted);
  });
});

describe('sumDims', () => {
  it.each<[Shape, Dim | undefined]>([
    [[], 0],
    [[2, 3], 5],
    [[0, 'N', 0], 'N'],
    [['N', 1], undefined],
    [['N', 'N'], undefined],
  ])('%j → %s', (dims, wanted) => {
    expect(sumDims(dims)).toBe(wanted);
  });
});

describe('divideShapes', () => {
  it.each<[Shape, Shape, unknown]>([
    [[2, 6], [3], { kind: 'exact', dim: 4 }],
    [['N', 16, 1, 1], ['N'], { kind: 'exact', dim: 16 }],
    [['N', 16], [16], { kind: 'exact', dim: 'N' }],
    [['N', 'M', 4], ['N', 4], { kind: 'exact', dim: 'M' }],
    [['N', 'N'], ['N'], { kind: 'exact', dim: 'N' }],
    [['N', 'N', 'N'], ['N'], { kind: 'unknown' }],
    [['N', 16], [4], { kind: 'unknown' }],
    [['N', 15], [4], { kind: 'unknown' }],
    [[16], ['N'], { kind: 'unknown' }],
    [[15], [4], { kind: 'none' }],
    [['N', 15], ['N', 4], { kind: 'none' }],
    [[0, 3], [3], { kind: 'exact', dim: 0 }],
    [[3], [0], { kind: 'none' }],
  ])('%j / %j', (above, below, wanted) => {
    expect(divideShapes(above, below)).toEqual(wanted);
  });
});

describe('unifyDims', () => {
  it.each<[Dim, Dim, Dim | undefined]>([
    [3, 3, 3],
    [3, 4, undefined],
    ['N', 4, 4],
    [4, 'N', 4],
    ['N', 'M', 'N'],
  ])('%s and %s → %s', (a, b, wanted) => {
    expect(unifyDims(a, b)).toBe(wanted);
  });
});
