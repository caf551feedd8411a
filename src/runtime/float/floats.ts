import { numberData, type Tensor } from '../../ir/tensor.js';
import { shortFloatRounding } from './store.js';

/** Arrays that arithmetic runs on. Every integer of at most 32 bits is exact in a Float64Array. */
export type FloatArray = Float32Array | Float64Array;
export type BigIntArray = BigInt64Array | BigUint64Array;

const asFloats = (data: Tensor['data']): FloatArray | undefined =>
  data instanceof Float32Array || data instanceof Float64Array ? data : undefined;

/** Elements of a 64-bit integer tensor, undefined for all others. */
export function bigIntsOf(tensor: Tensor): BigIntArray | undefined {
  const { data } = tensor;
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? data : undefined;
}

/** Elements of an integer tensor as bigints: the store itself for 64-bit types, else a copy. */
export const toBigInts = (tensor: Tensor): BigIntArray =>
  bigIntsOf(tensor) ?? BigInt64Array.from(numberData(tensor)!, BigInt);

/** Elements as floats: the store itself for float types, else a float64 copy, in which only 64-bit integers may round. */
export function floatsOf(tensor: Tensor): FloatArray {
  const floats = asFloats(tensor.data);
  if (floats !== undefined) return floats;
  const numbers = numberData(tensor);
  return numbers === undefined ? Float64Array.from(tensor.data, Number) : new Float64Array(numbers);
}

/** Where to compute the elements of `result` before `storeFloats`: its own store when that is one of floats. */
export const floatBuffer = (result: Tensor): FloatArray => asFloats(result.data) ?? new Float64Array(result.size);

/**
 * Brings computed elements into the type of `result`: floats of 16 bits and fewer round to nearest even, fractions are cut off
 * integers, which wrap modulo 2^bits as in C; what is not finite becomes 0 there.
 */
export function storeFloats(result: Tensor, values: FloatArray): void {
  const { data } = result;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < data.length; i++) data[i] = Number.isFinite(values[i]) ? BigInt(Math.trunc(values[i]!)) : 0n;
    return;
  }
  if (values !== data) data.set(values);
  roundHalves(result);
}

/** Brings computed integers into the type of `result`, modulo 2^bits. 64-bit results are computed in their own store. */
export function storeBigInts(result: Tensor, values: BigIntArray): void {
  const data = numberData(result);
  if (data === undefined) return;
  for (let i = 0; i < data.length; i++) data[i] = Number(BigInt.asIntN(32, values[i]!));
}

function roundHalves(tensor: Tensor): void {
  const round = shortFloatRounding(tensor.dtype);
  const data = asFloats(tensor.data);
  if (round === undefined || data === undefined) return;
  for (let i = 0; i < data.length; i++) data[i] = round(data[i]!);
}

/** 2^52: a number in [0, 2^52) plus this has no fraction left, having rounded to nearest even. */
const NO_FRACTION = 2 ** 52;

/** The nearest integer, halves to even; the sign of zero stays. */
export function roundHalfEven(value: number): number {
  const magnitude = Math.abs(value);
  if (value === 0 || !(magnitude < NO_FRACTION)) return value;
  const rounded = magnitude + NO_FRACTION - NO_FRACTION;
  return value < 0 ? -rounded : rounded;
}
