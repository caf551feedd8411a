import type { NumberArray } from '../../ir/dtype.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import { InternalError } from '../../ir/diagnostics.js';
import type { Arena } from '../kernel.js';
import { shortFloatRounding } from './store.js';

/** The elements of a tensor whose type is known not to be a 64-bit integer. */
export function numbersOf(tensor: Tensor): NumberArray {
  const data = numberData(tensor);
  if (data === undefined) throw new InternalError(`a kernel for numbers was given ${tensor.dtype}`);
  return data;
}

/** The elements of a tensor whose type is known to be a 64-bit integer. */
export function wideOf(tensor: Tensor): BigInt64Array | BigUint64Array {
  const { data } = tensor;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return data;
  throw new InternalError(`a kernel for 64-bit integers was given ${tensor.dtype}`);
}

/** Room for `length` elements that `like` can hold; its elements are left as they are. */
export function scratchLike(like: NumberArray, length: number, arena: Arena): NumberArray {
  return like instanceof Float64Array ? arena.tensor('float64', [length]).data : arena.scratch(length);
}

/** Rounds the elements of a result to its type where the store does not do so: floats of 16 bits and fewer. */
export function roundShortFloats(tensor: Tensor): void {
  const round = shortFloatRounding(tensor.dtype);
  if (round === undefined) return;
  const data = numbersOf(tensor);
  for (let i = 0; i < data.length; i++) data[i] = round(data[i]!);
}
