import { allocate, integerRange, isFloat, type DType } from '../../src/ir/dtype.js';
import { sizeOf } from '../../src/ir/shape.js';
import { Tensor } from '../../src/ir/tensor.js';
import { uniformSource } from '../../src/ir/random.js';

/** A tensor of integers in -bound … bound, or 0 … bound for unsigned types, on which sums of products are exact. */
export function integerTensor<D extends DType>(
  dtype: D,
  dims: readonly number[],
  seed: number,
  bound: number,
): Tensor<D> {
  const next = uniformSource(seed);
  const data = allocate(dtype, sizeOf(dims));
  const lo =
    isFloat(dtype) || dtype === 'int64' ? -bound : dtype === 'uint64' ? 0 : Math.max(-bound, integerRange(dtype).lo);
  for (let i = 0; i < data.length; i++) {
    const value = lo + Math.floor(((next() + 1) / 2) * (bound - lo + 1));
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(value);
    else data[i] = value;
  }
  return new Tensor(dtype, dims, data);
}
