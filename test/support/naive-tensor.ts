import fc from 'fast-check';
import { expect } from 'vitest';
import { allocate, DTYPES, integerRange, isFloat, type DType } from '../../src/ir/dtype.js';
import { sizeOf, stridesOf } from '../../src/ir/shape.js';
import { Tensor, tensorsEqual } from '../../src/ir/tensor.js';

type Element = number | bigint;

/** The coordinates of the element at a row-major place. */
export const coordinatesOf = (place: number, dims: readonly number[]): number[] =>
  stridesOf(dims).map((stride, axis) => Math.floor(place / stride) % (dims[axis] ?? 1));

/** The element at the coordinates. */
export function elementAt(tensor: Tensor, coordinates: readonly number[]): Element {
  let place = 0;
  for (const [axis, position] of coordinates.entries()) {
    const size = tensor.dims[axis] ?? 0;
    if (position < 0 || position >= size) throw new RangeError(`[${coordinates.join()}] in ${tensor.dims.join('x')}`);
    place = place * size + position;
  }
  return tensor.data[place] ?? 0;
}

/** A tensor made element by element from its coordinates: the definition that kernels are compared with. */
export function build(dtype: DType, dims: readonly number[], element: (coordinates: number[]) => Element): Tensor {
  const data = allocate(dtype, sizeOf(dims));
  for (let place = 0; place < data.length; place++) {
    const value = element(coordinatesOf(place, dims));
    (data as Record<number, Element>)[place] = value;
  }
  return new Tensor(dtype, dims, data);
}

/** A tensor with different elements where the type has enough values. */
export function distinct(dtype: DType, dims: readonly number[]): Tensor {
  const data = allocate(dtype, sizeOf(dims));
  for (let i = 0; i < data.length; i++) {
    if (data instanceof BigInt64Array) data[i] = BigInt(i) * 0x1_0000_0007n - 5n;
    else if (data instanceof BigUint64Array) data[i] = BigInt(i) * 0x1_0000_0007n;
    else if (isFloat(dtype)) data[i] = i % 7 === 3 ? -0 : (i % 2 === 0 ? i : -i) / 4;
    else
      data[i] =
        dtype === 'bool'
          ? (i * i) % 2
          : integerRange(dtype).lo + (i % (integerRange(dtype).hi - integerRange(dtype).lo + 1));
  }
  return new Tensor(dtype, dims, data);
}

/** Fails unless both tensors agree in type, dims and every bit. */
export function expectEqual(actual: Tensor | undefined, wanted: Tensor): void {
  if (actual !== undefined && tensorsEqual(actual, wanted)) return;
  expect(actual).toEqual(wanted);
  throw new Error('the tensors differ in the sign of a zero');
}

export const anyDType: fc.Arbitrary<DType> = fc.constantFrom(...DTYPES);

/** Sizes of a small tensor, now and then zero. */
export const dimsOf = (
  options: { readonly minRank?: number; readonly maxRank?: number; readonly min?: number } = {},
): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: options.min ?? 0, max: 5 }), {
    minLength: options.minRank ?? 0,
    maxLength: options.maxRank ?? 4,
  });
