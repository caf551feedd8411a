import { allocate, type DType, type Stores } from '../ir/dtype.js';
import { Tensor } from '../ir/tensor.js';
import { ExecutionFault, type Arena } from './kernel.js';

type StoreConstructor<D extends DType> = new (buffer: ArrayBuffer, byteOffset: number, length: number) => Stores[D];

const STORES: { readonly [D in DType]: StoreConstructor<D> & { readonly BYTES_PER_ELEMENT: number } } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Float32Array,
  bfloat16: Float32Array,
  float8e4m3fn: Float32Array,
  float8e4m3fnuz: Float32Array,
  float8e5m2: Float32Array,
  float8e5m2fnuz: Float32Array,
  float8e8m0: Float32Array,
  float4e2m1: Float32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  int4: Int8Array,
  uint4: Uint8Array,
  int2: Int8Array,
  uint2: Uint8Array,
};

/** Most elements of a tensor or of scratch memory. */
const MAX_ELEMENTS = 2 ** 30;

/** Buffers are whole multiples of this many bytes. */
const GRAIN = 64;

/** A tensor takes a free buffer of at most this many times its size. */
const LARGEST_WASTE = 2;

function checkSize(what: string, length: number): void {
  if (length <= MAX_ELEMENTS) return;
  throw new ExecutionFault(`${what} needs ${length} elements, at most ${MAX_ELEMENTS} are accepted`);
}

function allocateBuffer(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new ExecutionFault(`there is no memory for ${bytes} bytes of tensors`);
    throw error;
  }
}

/**
 * An arena that hands freed memory out again. Tensors are counted by the buffer they lie in, because results may share
 * the elements of their inputs; a buffer that no counted tensor lies in is free from the next `sweep` on. Tensors that
 * did not come from here are ignored.
 */
export class PooledArena implements Arena {
  /** Free buffers, smallest first. */
  #free: ArrayBuffer[] = [];
  /** How many counted tensors lie in each buffer handed out. */
  readonly #counts = new Map<ArrayBufferLike, number>();
  /** Buffers handed out since the last sweep. */
  #fresh: ArrayBuffer[] = [];
  /** Buffers handed out since the last `end`. */
  readonly #used = new Set<ArrayBuffer>();
  readonly #scratch: Float32Array[] = [];
  #scratchTaken = 0;

  /** Bytes held, in use or not. */
  get reservedBytes(): number {
    let bytes = 0;
    for (const buffer of this.#free) bytes += buffer.byteLength;
    for (const buffer of this.#counts.keys()) bytes += buffer.byteLength;
    for (const { byteLength } of this.#scratch) bytes += byteLength;
    return bytes;
  }

  tensor<D extends DType>(dtype: D, dims: readonly number[]): Tensor<D> {
    let length = 1;
    for (const dim of dims) length *= dim;
    checkSize(`a tensor of ${dims.join('x')}`, length);
    if (length === 0) return new Tensor(dtype, dims, allocate(dtype, 0));
    const Store = STORES[dtype];
    return new Tensor(dtype, dims, new Store(this.#take(length * Store.BYTES_PER_ELEMENT), 0, length));
  }

  scratch(length: number): Float32Array {
    checkSize('a kernel', length);
    const index = this.#scratchTaken++;
    let memory = this.#scratch[index];
    if (memory === undefined || memory.length < length) {
      memory = new Float32Array(allocateBuffer(4 * length));
      this.#scratch[index] = memory;
    }
    return memory;
  }

  /** Whether the tensor lies in memory of this arena. */
  owns(tensor: Tensor): boolean {
    return this.#counts.has(tensor.data.buffer);
  }

  retain(tensor: Tensor): void {
    const { buffer } = tensor.data;
    const count = this.#counts.get(buffer);
    if (count !== undefined) this.#counts.set(buffer, count + 1);
  }

  /** Undoes one `retain`; the memory is free at once when it was the last. */
  release(tensor: Tensor): void {
    const buffer = tensor.data.buffer as ArrayBuffer;
    const count = this.#counts.get(buffer);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(buffer, count - 1);
    else this.#recycle(buffer);
  }

  /** Ends a kernel: its scratch memory and the tensors it made that nothing has retained are free. */
  sweep(): void {
    this.#scratchTaken = 0;
    if (this.#fresh.length === 0) return;
    for (const buffer of this.#fresh) if (this.#counts.get(buffer) === 0) this.#recycle(buffer);
    this.#fresh = [];
  }

  /** Ends a run: all memory is free, and what this run had no use for is given back. */
  end(): void {
    this.#scratchTaken = 0;
    this.#fresh = [];
    for (const buffer of this.#counts.keys()) this.#recycle(buffer as ArrayBuffer);
    this.#free = this.#free.filter((buffer) => this.#used.has(buffer));
    this.#used.clear();
  }

  #take(bytes: number): ArrayBuffer {
    const wanted = Math.ceil(bytes / GRAIN) * GRAIN;
    const index = this.#position(wanted);
    let buffer = this.#free[index];
    if (buffer !== undefined && buffer.byteLength <= LARGEST_WASTE * wanted) this.#free.splice(index, 1);
    else buffer = allocateBuffer(wanted);
    this.#counts.set(buffer, 0);
    this.#fresh.push(buffer);
    this.#used.add(buffer);
    return buffer;
  }

  #recycle(buffer: ArrayBuffer): void {
    this.#counts.delete(buffer);
    this.#free.splice(this.#position(buffer.byteLength), 0, buffer);
  }

  /** Index of the first free buffer of at least this many bytes. */
  #position(bytes: number): number {
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#free[middle]!.byteLength < bytes) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
