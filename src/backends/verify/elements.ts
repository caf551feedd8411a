import { numberData, type Tensor } from '../../ir/tensor.js';

/** The elements of a tensor as numbers; 64-bit integers beyond 2^53 lose their low bits. */
export const numbersIn = (tensor: Tensor): ArrayLike<number> => numberData(tensor) ?? tensor.toNumbers();

/** Elements of run `i`, each of which has `size`. */
export function sliceOf(elements: ArrayLike<number>, i: number, size: number): ArrayLike<number> {
  const part = new Float64Array(size);
  for (let k = 0; k < size; k++) part[k] = elements[i * size + k] ?? 0;
  return part;
}
