import { stridesOf } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { broadcastStrides } from '../../../runtime/float/broadcast.js';
import { copyElements } from '../../../runtime/float/strided-copy.js';

/** A tensor broadcast to dims, every element written out. */
export function spread<T extends Tensor>(tensor: T, dims: readonly number[]): T {
  const target = Tensor.zeros(tensor.dtype, dims);
  copyElements(
    dims,
    { tensor, offset: 0, strides: broadcastStrides(tensor.dims, dims) },
    { tensor: target, offset: 0, strides: stridesOf(dims) },
  );
  return target as T;
}

/** The smallest tensor of as many axes that broadcasts to the same elements: axes along which they repeat have size 1. */
export function condensed<T extends Tensor>(tensor: T): T {
  const dims = [...tensor.dims];
  const strides = stridesOf(dims);
  const { data } = tensor;
  for (const [axis, stride] of strides.entries()) {
    const extent = tensor.dims[axis] ?? 1;
    const repeats = data.every((item, i) => item === data[i - (Math.floor(i / stride) % extent) * stride]);
    if (extent > 1 && repeats) dims[axis] = 1;
  }
  if (dims.every((dim, axis) => dim === tensor.dims[axis])) return tensor;
  const target = Tensor.zeros(tensor.dtype, dims);
  copyElements(dims, { tensor, offset: 0, strides }, { tensor: target, offset: 0, strides: stridesOf(dims) });
  return target as T;
}
