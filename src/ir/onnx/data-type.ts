import type { DType } from '../dtype.js';

/** Names of `TensorProto.DataType`, by code. */
const NAMES: readonly string[] = [
  'UNDEFINED',
  'FLOAT',
  'UINT8',
  'INT8',
  'UINT16',
  'INT16',
  'INT32',
  'INT64',
  'STRING',
  'BOOL',
  'FLOAT16',
  'DOUBLE',
  'UINT32',
  'UINT64',
  'COMPLEX64',
  'COMPLEX128',
  'BFLOAT16',
  'FLOAT8E4M3FN',
  'FLOAT8E4M3FNUZ',
  'FLOAT8E5M2',
  'FLOAT8E5M2FNUZ',
  'UINT4',
  'INT4',
  'FLOAT4E2M1',
  'FLOAT8E8M0',
  'UINT2',
  'INT2',
];

const CODES: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
  float8e8m0: 24,
  uint2: 25,
  int2: 26,
};

const DTYPE_OF = new Map<number, DType>(Object.entries(CODES).map(([dtype, code]) => [code, dtype as DType]));

/** The element type of a `TensorProto.DataType` code; undefined for types that quantc does not compute with. */
export const dtypeOfCode = (code: number): DType | undefined => DTYPE_OF.get(code);

/** The `TensorProto.DataType` code of an element type. */
export const codeOfDType = (dtype: DType): number => CODES[dtype];

/** `FLOAT8E5M2` for 19, `data type 99` for a code that ONNX does not define. */
export const dataTypeName = (code: number): string => NAMES[code] ?? `data type ${code}`;

/** The code of a name such as `FLOAT`, as Cast of opset 1 writes its target. */
export function codeOfName(name: string): number | undefined {
  const code = NAMES.indexOf(name.toUpperCase());
  return code > 0 ? code : undefined;
}
