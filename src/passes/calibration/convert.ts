import { allocate, bitsOf, integerRange, isFloat, isSigned, type DType, type TypedArray } from '../../ir/dtype.js';
import { bfloat16FromBits, bfloat16ToBits, float16FromBits, float16ToBits } from '../../ir/onnx/float16.js';
import { Tensor } from '../../ir/tensor.js';
import { extentOf } from './observers/extent.js';
import { NonFiniteError } from './observers/observer.js';

/** An element that the wanted element type cannot take. */
export class ElementFault extends Error {
  override readonly name = 'ElementFault';
  /** Position in the tensor. */
  readonly index: number;

  constructor(index: number, found: number | bigint, accepted: string) {
    super(`is ${found}, but ${accepted}`);
    this.index = index;
  }
}

/**
 * The same values under another element type: floats are rounded to nearest, ties to even; integers and booleans must
 * take every value exactly. Elements are shared where nothing changes.
 * @throws ElementFault at the first element that is NaN, infinite or outside the type.
 */
export function convertElements(tensor: Tensor, dtype: DType): Tensor {
  if (!isFloat(dtype)) return tensor.dtype === dtype ? tensor : toIntegers(tensor, dtype);
  const { dims, data } = tensor;
  if (dtype === 'float64') {
    const values = data instanceof Float64Array ? data : toFloats(data, new Float64Array(data.length));
    const index = values.findIndex((value) => !Number.isFinite(value));
    if (index >= 0) throw notFinite(data, index, dtype);
    return new Tensor(dtype, dims, values);
  }
  const rounded = data instanceof Float32Array ? data : toFloats(data, new Float32Array(data.length));
  const values = tensor.dtype === dtype ? rounded : narrow(rounded, dtype);
  try {
    extentOf(values);
  } catch (error) {
    throw error instanceof NonFiniteError ? notFinite(data, error.index, dtype) : error;
  }
  return new Tensor(dtype, dims, values);
}

function notFinite(data: TypedArray, index: number, dtype: DType): ElementFault {
  const found = data[index] ?? NaN;
  const finite = typeof found === 'bigint' || Number.isFinite(found);
  return new ElementFault(index, found, finite ? `${dtype} ends before that` : 'only finite values are accepted');
}

function toFloats<A extends Float32Array | Float64Array>(data: TypedArray, values: A): A {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) values[i] = Number(data[i] ?? 0n);
  } else values.set(data);
  return values;
}

/** Rounds to a 16-bit float type; leaves float32 as it is. */
function narrow(values: Float32Array, dtype: DType): Float32Array {
  switch (dtype) {
    case 'float16':
      return values.map((value) => float16FromBits(float16ToBits(value)));
    case 'bfloat16':
      return values.map((value) => bfloat16FromBits(bfloat16ToBits(value)));
    default:
      return values;
  }
}

function toIntegers(tensor: Tensor, dtype: DType): Tensor {
  const { lo, hi } = bounds(dtype);
  const { data } = tensor;
  const store = allocate(dtype, data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    const whole = typeof value === 'bigint' || Number.isInteger(value);
    if (!whole || value < lo || value > hi) {
      throw new ElementFault(i, value, `the type ${dtype} takes the integers ${lo} … ${hi} only`);
    }
    if (store instanceof BigInt64Array || store instanceof BigUint64Array) store[i] = BigInt(value);
    else store[i] = Number(value);
  }
  return new Tensor(dtype, tensor.dims, store);
}

function bounds(dtype: DType): { readonly lo: number | bigint; readonly hi: number | bigint } {
  if (dtype === 'bool') return { lo: 0, hi: 1 };
  if (bitsOf(dtype) < 64) return integerRange(dtype);
  return isSigned(dtype) ? { lo: -(2n ** 63n), hi: 2n ** 63n - 1n } : { lo: 0n, hi: 2n ** 64n - 1n };
}
