import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../src/ir/shape.js';
import { fittingOrder, fitShape } from '../../../src/passes/calibration/fit-shape.js';

type Case = [dims: number[], input: Shape, rows: number, row: number[]];

const accepted: Record<string, Case[]> = {
  'rows as they are': [
    [[64, 1, 28, 28], ['N', 1, 28, 28], 64, [1, 28, 28]],
    [[64, 1, 28, 28], [1, 1, 28, 28], 64, [1, 28, 28]],
    [[1, 3, 4], [1, 3, 4], 1, [3, 4]],
    [[12, 3], [4, 3], 12, [3]],
    [[5], ['N'], 5, []],
    [[7, 5, 100], ['N', 'T', 100], 7, [5, 100]],
    [[7, 5, 5], ['N', 'T', 'T'], 7, [5, 5]],
    [[3, 0], ['N', 0], 3, [0]],
  ],
  'a missing batch axis': [
    [[1, 28, 28], ['N', 1, 28, 28], 1, [1, 28, 28]],
    [[64], ['N', 64], 1, [64]],
    [[], ['N'], 1, []],
    [[30, 100], ['N', 'T', 100], 1, [30, 100]],
  ],
  'axes of size 1 left out': [
    [[64, 28, 28], ['N', 1, 28, 28], 64, [1, 28, 28]],
    [[28, 28], ['N', 1, 28, 28], 1, [1, 28, 28]],
    [[10, 64], ['N', 1, 64, 1], 10, [1, 64, 1]],
    [[64], ['N', 1, 64, 1], 1, [1, 64, 1]],
    [[64], ['N', 1], 64, [1]],
    [[6, 30], ['N', 1, 'T'], 6, [1, 30]],
  ],
  'axes of size 1 added': [
    [[10, 1, 28, 28, 1], ['N', 28, 28], 10, [28, 28]],
    [[10, 28, 28, 1], ['N', 1, 28, 28], 10, [1, 28, 28]],
    [[9, 1, 1, 64], [1, 64], 9, [64]],
    [[1, 1, 28, 28], ['N', 28, 28], 1, [28, 28]],
    [[9, 1], ['N'], 9, []],
  ],
  'flattened rows': [
    [[10, 784], ['N', 1, 28, 28], 10, [1, 28, 28]],
    [[784], ['N', 1, 28, 28], 1, [1, 28, 28]],
    [[1, 6], [1, 2, 3], 1, [2, 3]],
  ],
  'whole batches of a fixed size': [
    [[6, 4, 3, 8], [4, 3, 8], 24, [3, 8]],
    [[6, 4, 24], [4, 3, 8], 24, [3, 8]],
    [[6, 1, 3, 8], [1, 3, 8], 6, [3, 8]],
  ],
};

describe('fitShape', () => {
  describe.each(Object.entries(accepted))('accepts %s', (_, cases) => {
    it.each(cases)('%j for %j', (dims, input, rows, row) => {
      expect(fitShape(dims, input)).toMatchObject({ rows, row });
    });
  });

  it.each<[dims: number[], input: Shape]>([
    [
      [64, 28, 28, 3],
      ['N', 3, 28, 28],
    ],
    [
      [10, 785],
      ['N', 1, 28, 28],
    ],
    [
      [10, 28, 28],
      ['N', 784],
    ],
    [
      [4, 5],
      ['N', 'T', 100],
    ],
    [
      [7, 5, 6],
      ['N', 'T', 'T'],
    ],
    [[], ['N', 3]],
    [
      [3, 1],
      ['N', 4],
    ],
    [
      [2, 3, 4, 8],
      [4, 3, 8],
    ],
    [
      [60, 100],
      ['N', 'C', 'T', 'F'],
    ],
    [
      [10, 600],
      ['N', 'C', 100],
    ],
  ])('refuses %j for %j', (dims, input) => {
    expect(fitShape(dims, input)).toBeUndefined();
  });

  it('finds as many rows as the elements make up, whatever the shape', () => {
    const dim = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(fc.array(dim, { maxLength: 5 }), fc.array(dim, { minLength: 1, maxLength: 4 }), (dims, input) => {
        const fit = fitShape(dims, input);
        if (fit === undefined) return;
        const size = (sizes: readonly number[]): number => sizes.reduce((product, value) => product * value, 1);
        expect(fit.row).toEqual(input.slice(1));
        expect(fit.rows * size(fit.row)).toBe(size(dims));
        if (fit.rowsPerArrayRow !== undefined) expect(fit.rows).toBe(dims[0]! * fit.rowsPerArrayRow);
      }),
      { seed: 10, numRuns: 5000 },
    );
  });
});

describe('fittingOrder', () => {
  it.each<[dims: number[], input: Shape, order: number[] | undefined]>([
    [
      [64, 28, 30, 3],
      ['N', 3, 28, 30],
      [0, 3, 1, 2],
    ],
    [
      [64, 3, 28, 30],
      ['N', 28, 30, 3],
      [0, 2, 3, 1],
    ],
    [
      [28, 28, 3],
      ['N', 3, 28, 28],
      [2, 0, 1],
    ],
    [
      [64, 100, 6],
      ['N', 6, 100],
      [0, 2, 1],
    ],
    [
      [64, 30, 28, 3],
      ['N', 3, 28, 30],
      [0, 3, 2, 1],
    ],
    [
      [64, 100, 6],
      ['N', 6, 'T'],
      [0, 2, 1],
    ],
    [[64, 28, 28, 4], ['N', 3, 28, 28], undefined],
    [[64, 5], ['N', 6], undefined],
    [[2, 2, 64, 28, 28, 3], ['N', 3, 28, 28], undefined],
  ])('of %j for %j', (dims, input, order) => {
    expect(fittingOrder(dims, input)).toEqual(order);
  });
});
