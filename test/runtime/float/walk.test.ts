import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOf, stridesOf } from '../../../src/ir/shape.js';
import { rowsOf } from '../../../src/runtime/float/broadcast.js';
import { mergeAxes, Walk } from '../../../src/runtime/float/walk.js';
import { coordinatesOf } from '../../support/naive-tensor.js';

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 });
const sample = { numRuns: 300, seed: 70 };

/** Sizes with the strides of two operands, some of which repeat along an axis. */
const nests = sizes.chain((dims) =>
  fc
    .array(fc.array(fc.boolean(), { minLength: dims.length, maxLength: dims.length }), { minLength: 2, maxLength: 2 })
    .map((repeats) => ({
      dims,
      strides: repeats.map((flags) => stridesOf(dims).map((stride, axis) => (flags[axis] === true ? 0 : stride))),
    })),
);
const offsetAt = (coordinates: readonly number[], strides: readonly number[]): number =>
  coordinates.reduce((offset, position, axis) => offset + position * (strides[axis] ?? 0), 0);

describe('Walk', () => {
  it('visits merged axes in row-major order and ends where it began', () => {
    fc.assert(
      fc.property(nests, ({ dims, strides }) => {
        const walk = new Walk(mergeAxes(dims, strides), 2);
        for (let round = 0; round < 2; round++) {
          const visited: number[][] = [];
          do visited.push([...walk.offsets]);
          while (walk.next());
          const wanted = Array.from({ length: sizeOf(dims) }, (_, place) =>
            strides.map((operand) => offsetAt(coordinatesOf(place, dims), operand)),
          );
          expect(visited).toEqual(wanted);
        }
      }),
      sample,
    );
  });
});

describe('rows', () => {
  it('are one for equal shapes and for single elements', () => {
    const dims = [2, 3, 4];
    const own = stridesOf(dims);
    expect(rowsOf(dims, [own, own])).toMatchObject({ length: 24, steps: [1, 1] });
    expect(rowsOf(dims, [own, [0, 0, 0]])).toMatchObject({ length: 24, steps: [1, 0] });
    expect(rowsOf([], [[], []])).toMatchObject({ length: 1 });
  });

  it('are one for each channel of a bias', () => {
    const { length, steps, walk } = rowsOf([2, 3, 4, 5], [stridesOf([2, 3, 4, 5]), [0, 1, 0, 0]]);
    expect([length, steps]).toEqual([20, [1, 0]]);
    const starts = [];
    do starts.push([...walk.offsets]);
    while (walk.next());
    expect(starts).toEqual([0, 1, 2, 3, 4, 5].map((row) => [row * 20, row % 3]));
  });
});
