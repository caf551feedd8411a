import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOf, stridesOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import {
  addedAxes,
  inverse,
  isIdentity,
  keepsOrder,
  mapShape,
  mapTensor,
  type AxisMap,
} from '../../../src/passes/layout/axis-map.js';

/** A map of up to four axes into up to two more, and sizes of a tensor that it applies to. */
const maps = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 2 }))
  .chain(([rank, more]) =>
    fc.tuple(
      fc.shuffledSubarray(
        Array.from({ length: rank + more }, (_, axis) => axis),
        { minLength: rank, maxLength: rank },
      ),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: rank, maxLength: rank }),
      fc.constant(rank + more),
    ),
  )
  .map(([axes, dims, rank]): { map: AxisMap; dims: number[] } => ({ map: { axes, rank }, dims }));

const counted = (dims: readonly number[]): Tensor =>
  Tensor.float32(
    dims,
    Array.from({ length: sizeOf(dims) }, (_, i) => i),
  );

describe('mapTensor', () => {
  it('puts every element where the map leads its coordinates', () => {
    fc.assert(
      fc.property(maps, ({ map, dims }) => {
        const source = counted(dims);
        const target = mapTensor(source, map);
        expect(target.dims).toEqual(mapShape(dims, map));
        const strides = stridesOf(target.dims);
        source.toNumbers().forEach((element, i) => {
          const place = stridesOf(dims).reduce((sum, stride, axis) => {
            const coordinate = Math.floor(i / stride) % dims[axis]!;
            return sum + coordinate * strides[map.axes[axis]!]!;
          }, 0);
          expect(target.data[place]).toBe(element);
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('shares the elements exactly when their order stays', () => {
    fc.assert(
      fc.property(maps, ({ map, dims }) => {
        const source = counted(dims);
        const target = mapTensor(source, map);
        expect(keepsOrder(dims, map)).toBe(source.toNumbers().every((element, i) => target.data[i] === element));
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it('aligns a tensor of fewer axes at the last one, as in broadcasting', () => {
    const map: AxisMap = { axes: [0, 2, 3, 1], rank: 4 };
    expect(mapTensor(Tensor.float32([3], [1, 2, 3]), map).dims).toEqual([1, 3, 1, 1]);
    expect(mapTensor(Tensor.float32([5, 3], new Float32Array(15)), map).dims).toEqual([1, 3, 1, 5]);
    expect(mapTensor(Tensor.float32([], [7]), map).dims).toEqual([1, 1, 1, 1]);
  });

  it('keeps 64-bit integers', () => {
    const source = new Tensor('int64', [2, 2], BigInt64Array.of(1n, -2n, 2n ** 60n, 4n));
    expect([...mapTensor(source, { axes: [1, 0], rank: 2 }).data]).toEqual([1n, 2n ** 60n, -2n, 4n]);
  });
});

describe('axis maps', () => {
  it('know what they add', () => {
    expect(addedAxes({ axes: [3, 1], rank: 5 })).toEqual([0, 2, 4]);
    expect(addedAxes({ axes: [1, 0], rank: 2 })).toEqual([]);
  });

  it('are the identity only without added and moved axes', () => {
    expect(isIdentity({ axes: [0, 1], rank: 2 })).toBe(true);
    expect(isIdentity({ axes: [0, 1], rank: 3 })).toBe(false);
    expect(isIdentity({ axes: [1, 0], rank: 2 })).toBe(false);
  });

  it('have inverses', () => {
    expect(inverse([2, 0, 1])).toEqual([1, 2, 0]);
  });
});
