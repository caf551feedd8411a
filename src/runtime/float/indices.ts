import { sizeOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { ExecutionFault } from '../kernel.js';

function outOfRange(op: string, index: number, size: number): ExecutionFault {
  return new ExecutionFault(
    size === 0
      ? `an index of ${op} is ${index}, but the axis is empty`
      : `an index of ${op} is ${index}, accepted: ${-size} to ${size - 1}`,
  );
}

/** Indices into an axis of `size`, negative ones counted from its end. @throws ExecutionFault when one is outside. */
export function indexValues(op: string, indices: Tensor, size: number): Int32Array {
  const { data } = indices;
  const result = new Int32Array(data.length);
  for (let i = 0; i < result.length; i++) {
    const given = Number(data[i]!);
    const index = given < 0 ? given + size : given;
    if (!(index >= 0 && index < size)) throw outOfRange(op, given, size);
    result[i] = index;
  }
  return result;
}

/**
 * Row-major places that the tuples along the last axis of `indices` stand for in an array of sizes `dims`.
 * @throws ExecutionFault when a coordinate is outside.
 */
export function indexTuples(op: string, indices: Tensor, dims: readonly number[]): Float64Array {
  const { data } = indices;
  const places = new Float64Array(sizeOf(indices.dims.slice(0, -1)));
  for (let i = 0; i < places.length; i++) {
    let place = 0;
    for (let axis = 0; axis < dims.length; axis++) {
      const size = dims[axis]!;
      const given = Number(data[i * dims.length + axis]!);
      const index = given < 0 ? given + size : given;
      if (!(index >= 0 && index < size)) throw outOfRange(op, given, size);
      place = place * size + index;
    }
    places[i] = place;
  }
  return places;
}
