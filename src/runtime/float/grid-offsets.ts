import { sizeOf } from '../../ir/shape.js';
import { broadcastStrides } from './broadcast.js';

/** Σ index · stride for each index of `dims`, in row-major order. */
export function gridOffsets(dims: readonly number[], strides: readonly number[]): Int32Array {
  const offsets = new Int32Array(sizeOf(dims));
  for (let i = 0; i < offsets.length; i++) {
    let rest = i;
    let offset = 0;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      const index = rest % dims[axis]!;
      rest = (rest - index) / dims[axis]!;
      offset += index * strides[axis]!;
    }
    offsets[i] = offset;
  }
  return offsets;
}

/** For each index of `dims`, in row-major order, where the element of a tensor of sizes `own` lies that broadcasts to it. */
export const broadcastOffsets = (own: readonly number[], dims: readonly number[]): Int32Array =>
  gridOffsets(dims, broadcastStrides(own, dims));
