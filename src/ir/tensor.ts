import { allocate, type DType, type NumberArray, type Stores, type TypedArray } from './dtype.js';
import { sizeOf } from './shape.js';

/**
 * Dense row-major tensor. `data` may be shared between tensors and is never written once the tensor is published.
 * @throws RangeError when `data` does not hold exactly the elements that `dims` declare.
 */
export class Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly dims: readonly number[];
  readonly data: Stores[D];

  constructor(dtype: D, dims: readonly number[], data: Stores[D]) {
    if (data.length !== sizeOf(dims)) {
      throw new RangeError(`a ${dtype}[${dims.join(',')}] tensor holds ${sizeOf(dims)} elements, not ${data.length}`);
    }
    this.dtype = dtype;
    this.dims = dims;
    this.data = data;
  }

  get size(): number {
    return this.data.length;
  }

  get rank(): number {
    return this.dims.length;
  }

  /** A tensor of zeros. */
  static zeros<D extends DType>(dtype: D, dims: readonly number[]): Tensor<D> {
    return new Tensor(dtype, dims, allocate(dtype, sizeOf(dims)));
  }

  /** A float32 tensor; values that are none yet are rounded, a Float32Array is shared. */
  static float32(dims: readonly number[], values: Iterable<number>): Tensor<'float32'> {
    return new Tensor('float32', dims, values instanceof Float32Array ? values : Float32Array.from(values));
  }

  /** A rank-1 int64 tensor, or a scalar when given a number. */
  static int64(values: readonly number[] | number): Tensor<'int64'> {
    return typeof values === 'number'
      ? new Tensor('int64', [], BigInt64Array.of(BigInt(values)))
      : new Tensor('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** The same elements under other dims. */
  reshape(dims: readonly number[]): Tensor<D> {
    return new Tensor(this.dtype, dims, this.data);
  }

  /** The same tensor with elements of its own. */
  copy(): Tensor<D> {
    return new Tensor(this.dtype, this.dims, this.data.slice() as Stores[D]);
  }

  /** Whether the elements are of a type; narrows the type of the tensor. */
  is<E extends DType>(dtype: E): this is Tensor<E> {
    const own: DType = this.dtype;
    return own === dtype;
  }

  /** Elements as numbers; 64-bit integers beyond 2^53 lose their low bits. */
  toNumbers(): number[] {
    return Array.from(this.data as ArrayLike<number | bigint>, Number);
  }
}

/** The elements when they are `number`s (every type but int64 and uint64), else undefined. */
export function numberData(tensor: Tensor): NumberArray | undefined {
  const data: TypedArray = tensor.data;
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? undefined : data;
}

/** Bit-exact equality of type, dims and elements; NaN equals NaN, -0 differs from 0. */
export function tensorsEqual(a: Tensor, b: Tensor): boolean {
  if (a.dtype !== b.dtype || a.rank !== b.rank || !a.dims.every((dim, i) => dim === b.dims[i])) return false;
  const x = a.data;
  const y = b.data;
  for (let i = 0; i < x.length; i++) if (!Object.is(x[i], y[i])) return false;
  return true;
}
