import type { DType } from '../../ir/dtype.js';
import type { Tensor } from '../../ir/tensor.js';

/** Elements as unsigned integers of their own width, or as pairs of 32-bit ones for 64-bit types. */
export type Words = Uint8Array | Uint16Array | Uint32Array;

/** How many words an element of the type takes. */
export const wordsPer = (dtype: DType): 1 | 2 =>
  dtype === 'int64' || dtype === 'uint64' || dtype === 'float64' ? 2 : 1;

/** A view of the tensor's elements for moving them whatever their type; NaN payloads and -0 stay as they are. */
export function wordsOf(tensor: Tensor): Words {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: width } = tensor.data;
  if (width === 1) return new Uint8Array(buffer, byteOffset, byteLength);
  if (width === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2);
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** Shorter runs are copied faster by a loop than by `set`. */
const SHORT_RUN = 32;

/** Copies `length` adjacent words. */
export function copyRun(source: Words, from: number, target: Words, to: number, length: number): void {
  if (length >= SHORT_RUN) target.set(source.subarray(from, from + length), to);
  else for (let i = 0; i < length; i++) target[to + i] = source[from + i]!;
}

/** Fills all of `target` with one element, which takes one word or two. */
export function fillWords(target: Words, element: Words): void {
  const low = element[0]!;
  const high = element.length === 2 ? element[1]! : low;
  if (high === low) {
    target.fill(low);
    return;
  }
  for (let i = 0; i < target.length; i += 2) {
    target[i] = low;
    target[i + 1] = high;
  }
}
