import type { DType } from '../../ir/dtype.js';
import { Tensor } from '../../ir/tensor.js';

/** What is known of an array without reading its elements. */
export interface StoredArray {
  /** Its key in a file of several arrays. */
  readonly name: string | undefined;
  readonly dtype: DType;
  readonly dims: readonly number[];
}

/**
 * Reads an array once from its start, in blocks of `rows` rows of axis 0 of which the last may be shorter. An array
 * without axes is one block.
 */
export type BlockReader = (rows: number) => AsyncIterable<Tensor> | Iterable<Tensor>;

/** A source of arrays that are read when they are needed and as often as they are needed. */
export interface StoredFile {
  /** What messages call it: a path, mostly. */
  readonly origin: string;
  readonly arrays: readonly StoredArray[];
  /** A reader for each array, in the order of `arrays`. */
  readonly open: () => Promise<readonly BlockReader[]>;
}

/** Tensors in memory as a stored file; the key '' means that a tensor has no name. */
export function storedTensors(tensors: Iterable<readonly [name: string, tensor: Tensor]>, origin: string): StoredFile {
  const entries = [...tensors];
  return {
    origin,
    arrays: entries.map(([name, { dtype, dims }]) => ({ name: name === '' ? undefined : name, dtype, dims })),
    open: () =>
      Promise.resolve(
        entries.map(
          ([, tensor]) =>
            (rows: number) =>
              blocksOf(tensor, rows),
        ),
      ),
  };
}

/** Consecutive blocks of at most `rows` rows of axis 0, which share the tensor's elements. */
export function* blocksOf(tensor: Tensor, rows: number): Generator<Tensor> {
  const count = tensor.dims[0];
  if (count === undefined) yield tensor;
  else for (let row = 0; row < count; row += rows) yield sliceRows(tensor, row, Math.min(row + rows, count));
}

/** Rows `start` … `end` - 1 of axis 0, which share the tensor's elements. */
export function sliceRows<D extends DType>(tensor: Tensor<D>, start: number, end: number): Tensor<D> {
  const [count = 1, ...row] = tensor.dims;
  const size = count === 0 ? 0 : tensor.size / count;
  const data = tensor.data.subarray(start * size, end * size) as Tensor<D>['data'];
  return new Tensor(tensor.dtype, [end - start, ...row], data);
}
