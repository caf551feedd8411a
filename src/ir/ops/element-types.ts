import type { DType } from '../dtype.js';

/** Groups of element types, as the type constraints of the ONNX operators name them. */
export const FLOAT_TYPES: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];
export const SIGNED_INTEGER_TYPES: readonly DType[] = ['int8', 'int16', 'int32', 'int64'];
export const UNSIGNED_INTEGER_TYPES: readonly DType[] = ['uint8', 'uint16', 'uint32', 'uint64'];
/** Integers that take part in arithmetic; those narrower than a byte only pass through Cast and (de)quantisation. */
export const INTEGER_TYPES: readonly DType[] = [...SIGNED_INTEGER_TYPES, ...UNSIGNED_INTEGER_TYPES];
export const NUMERIC_TYPES: readonly DType[] = [...FLOAT_TYPES, ...INTEGER_TYPES];
