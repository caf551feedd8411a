import { sizeOf } from '../../ir/shape.js';

/** Whether channels first and channels last are different orders of a tensor [N, C, …]. */
export function isOrdered(dims: readonly number[]): boolean {
  return dims.length > 2 && dims[1]! > 1 && sizeOf(dims.slice(2)) > 1;
}

/** Elements in the order N, …, C brought into the order N, C, … that `dims` tell. */
export function channelsFirst(last: ArrayLike<number>, dims: readonly number[]): Float64Array {
  const [batch = 1, channels = 1] = dims;
  const map = sizeOf(dims.slice(2));
  const result = new Float64Array(last.length);
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < map; i++) result[at++] = last[(n * map + i) * channels + c]!;
    }
  }
  return result;
}
