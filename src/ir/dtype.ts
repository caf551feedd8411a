/** Element types of tensors and how JavaScript stores them. */

/** ONNX element types quantc knows. Sub-byte integers are stored unpacked, one element a byte. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'float8e8m0'
  | 'float4e2m1'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'int4'
  | 'uint4'
  | 'int2'
  | 'uint2';

/** Backing store of each element type. Floats of 16 bits and fewer hold already rounded values in a Float32Array. */
export interface Stores {
  float32: Float32Array;
  float64: Float64Array;
  float16: Float32Array;
  bfloat16: Float32Array;
  float8e4m3fn: Float32Array;
  float8e4m3fnuz: Float32Array;
  float8e5m2: Float32Array;
  float8e5m2fnuz: Float32Array;
  float8e8m0: Float32Array;
  float4e2m1: Float32Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
  int4: Int8Array;
  uint4: Uint8Array;
  int2: Int8Array;
  uint2: Uint8Array;
}

/** A store of elements of any type. */
export type TypedArray = Stores[DType];
/** Stores whose elements are `number`, not `bigint`. */
export type NumberArray = Exclude<TypedArray, BigInt64Array | BigUint64Array>;

interface DTypeFacts<D extends DType> {
  readonly bits: number;
  readonly float: boolean;
  readonly signed: boolean;
  readonly allocate: (length: number) => Stores[D];
}

const FACTS: { readonly [D in DType]: DTypeFacts<D> } = {
  float32: { bits: 32, float: true, signed: true, allocate: (n) => new Float32Array(n) },
  float64: { bits: 64, float: true, signed: true, allocate: (n) => new Float64Array(n) },
  float16: { bits: 16, float: true, signed: true, allocate: (n) => new Float32Array(n) },
  bfloat16: { bits: 16, float: true, signed: true, allocate: (n) => new Float32Array(n) },
  float8e4m3fn: { bits: 8, float: true, signed: true, allocate: (n) => new Float32Array(n) },
  float8e4m3fnuz: { bits: 8, float: true, signed: true, allocate: (n) => new Float32Array(n) },
  float8e5m2: { bits: 8, float: true, signed: true, allocate: (n) => new Float32Array(n) },
  float8e5m2fnuz: { bits: 8, float: true, signed: true, allocate: (n) => new Float32Array(n) },
  float8e8m0: { bits: 8, float: true, signed: false, allocate: (n) => new Float32Array(n) },
  float4e2m1: { bits: 4, float: true, signed: true, allocate: (n) => new Float32Array(n) },
  int8: { bits: 8, float: false, signed: true, allocate: (n) => new Int8Array(n) },
  int16: { bits: 16, float: false, signed: true, allocate: (n) => new Int16Array(n) },
  int32: { bits: 32, float: false, signed: true, allocate: (n) => new Int32Array(n) },
  int64: { bits: 64, float: false, signed: true, allocate: (n) => new BigInt64Array(n) },
  uint8: { bits: 8, float: false, signed: false, allocate: (n) => new Uint8Array(n) },
  uint16: { bits: 16, float: false, signed: false, allocate: (n) => new Uint16Array(n) },
  uint32: { bits: 32, float: false, signed: false, allocate: (n) => new Uint32Array(n) },
  uint64: { bits: 64, float: false, signed: false, allocate: (n) => new BigUint64Array(n) },
  bool: { bits: 8, float: false, signed: false, allocate: (n) => new Uint8Array(n) },
  int4: { bits: 4, float: false, signed: true, allocate: (n) => new Int8Array(n) },
  uint4: { bits: 4, float: false, signed: false, allocate: (n) => new Uint8Array(n) },
  int2: { bits: 2, float: false, signed: true, allocate: (n) => new Int8Array(n) },
  uint2: { bits: 2, float: false, signed: false, allocate: (n) => new Uint8Array(n) },
};

export const DTYPES: readonly DType[] = Object.keys(FACTS) as DType[];

export const isDType = (name: string): name is DType => Object.hasOwn(FACTS, name);
export const isFloat = (dtype: DType): boolean => FACTS[dtype].float;
export const isInteger = (dtype: DType): boolean => !FACTS[dtype].float && dtype !== 'bool';
export const isSigned = (dtype: DType): boolean => FACTS[dtype].signed;
/** Width of one element in bits as ONNX stores it (4 for int4). */
export const bitsOf = (dtype: DType): number => FACTS[dtype].bits;

/** A zeroed store of `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): Stores[D] {
  return FACTS[dtype].allocate(length);
}

/** Smallest and largest value of an integer type of at most 32 bits. */
export function integerRange(dtype: DType): { readonly lo: number; readonly hi: number } {
  const { bits, signed } = FACTS[dtype];
  return signed ? { lo: -(2 ** (bits - 1)), hi: 2 ** (bits - 1) - 1 } : { lo: 0, hi: 2 ** bits - 1 };
}
