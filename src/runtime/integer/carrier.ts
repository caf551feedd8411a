import type { NumberArray } from '../../ir/dtype.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../float/buffers.js';
import type { Arena } from '../kernel.js';

/** Integers of at most 24 bits as float32, which is exact, in memory that is free again when the kernel returns. */
export function asFloat32(integers: NumberArray, arena: Arena): Float32Array {
  const result = arena.scratch(integers.length);
  result.set(integers);
  return result;
}

const constants = new WeakMap<Tensor, Float32Array>();

/** The same for a constant, kept as long as the tensor is. */
export function constantAsFloat32(tensor: Tensor): Float32Array {
  const known = constants.get(tensor);
  if (known !== undefined) return known;
  const result = Float32Array.from(numbersOf(tensor));
  constants.set(tensor, result);
  return result;
}
