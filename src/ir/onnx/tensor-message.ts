import { allocate, bitsOf, type DType, type TypedArray } from '../dtype.js';
import { sizeOf } from '../shape.js';
import { Tensor } from '../tensor.js';
import { codeOfDType, dataTypeName, dtypeOfCode } from './data-type.js';
import { externalBytes, type ResolveExternal } from './external-data.js';
import { ModelFault } from './fault.js';
import { bfloat16FromBits, bfloat16ToBits, float16FromBits, float16ToBits } from './float16.js';
import { isNarrowFloat, narrowFromBits, narrowToBits } from './narrow-floats.js';
import { toBigInt, toNumber, type TensorMessage } from './proto.js';

/** `TensorProto.DataLocation.EXTERNAL`. */
const EXTERNAL = 1;

/**
 * The tensor that a TensorProto describes. Integers narrower than their field wrap, as a C cast does.
 * @throws ModelFault for element types outside `DType`, dims that do not fit the data and unreachable external data.
 */
export function tensorFromMessage(message: TensorMessage, resolveExternal?: ResolveExternal): Tensor {
  const code = message.dataType ?? 0;
  const dtype = dtypeOfCode(code);
  if (dtype === undefined) {
    throw new ModelFault(
      'unsupported-type',
      `its element type is ${dataTypeName(code)}, which is not supported`,
      'Export the model with float32 tensors.',
    );
  }
  if (message.segment !== undefined && message.segment !== null) {
    throw new ModelFault('invalid-tensor', 'it is stored in segments, which is not supported');
  }
  const dims = dimsOf(message);
  const count = sizeOf(dims);
  const byteCount = Math.ceil((count * bitsOf(dtype)) / 8);
  const location: number = message.dataLocation ?? 0;
  if (location === EXTERNAL) {
    const bytes = externalBytes(message.externalData ?? [], byteCount, resolveExternal);
    return new Tensor(dtype, dims, fromRaw(dtype, count, bytes));
  }
  const raw = message.rawData;
  if (raw !== undefined && raw !== null && (raw.length > 0 || !hasTypedData(message))) {
    if (raw.length !== byteCount) throw sizeFault(dtype, dims, `${byteCount} bytes`, `${raw.length}`);
    return new Tensor(dtype, dims, fromRaw(dtype, count, raw));
  }
  return new Tensor(dtype, dims, fromFields(dtype, dims, count, message));
}

/** The TensorProto of a tensor: raw data, sub-byte elements packed two or four a byte, low bits first. */
export function tensorToMessage(tensor: Tensor, name: string): TensorMessage {
  return { name, dataType: codeOfDType(tensor.dtype), dims: [...tensor.dims], rawData: toRaw(tensor) };
}

function dimsOf(message: TensorMessage): number[] {
  const dims = (message.dims ?? []).map(toNumber);
  const negative = dims.find((dim) => dim < 0);
  if (negative !== undefined) throw new ModelFault('invalid-tensor', `it declares the dimension ${negative}`);
  if (!Number.isSafeInteger(dims.reduce((product, dim) => product * Math.max(dim, 1), 1))) {
    throw new ModelFault('invalid-tensor', `its dimensions ${dims.join('x')} multiply to more than 2^53 elements`);
  }
  return dims;
}

const hasTypedData = (message: TensorMessage): boolean =>
  [message.floatData, message.int32Data, message.int64Data, message.doubleData, message.uint64Data].some(
    (field) => (field?.length ?? 0) > 0,
  );

function sizeFault(dtype: DType, dims: readonly number[], expected: string, found: string): ModelFault {
  return new ModelFault(
    'invalid-tensor',
    `it declares ${dtype}[${dims.join(',')}], which takes ${expected}, but holds ${found}`,
  );
}

function fromRaw(dtype: DType, count: number, bytes: Uint8Array): TypedArray {
  if (isNarrowFloat(dtype)) {
    const codes = bitsOf(dtype) < 8 ? unpack(dtype, count, bytes) : bytes;
    return Float32Array.from(codes, (code) => narrowFromBits(dtype, code));
  }
  switch (dtype) {
    case 'float16':
      return widen(bytes, count, float16FromBits);
    case 'bfloat16':
      return widen(bytes, count, bfloat16FromBits);
    case 'int4':
    case 'uint4':
    case 'int2':
    case 'uint2':
      return unpack(dtype, count, bytes);
    case 'bool':
      return Uint8Array.from(bytes, (byte) => (byte === 0 ? 0 : 1));
    default: {
      const store = allocate(dtype, count);
      new Uint8Array(store.buffer).set(bytes);
      return store;
    }
  }
}

/** The typed field that ONNX assigns to the element type, with one entry an element (or a byte of sub-byte ones). */
function fromFields(dtype: DType, dims: readonly number[], count: number, message: TensorMessage): TypedArray {
  const bits = bitsOf(dtype);
  const field = fieldOf(dtype, message);
  const entries = bits < 8 ? Math.ceil((count * bits) / 8) : count;
  if (field.length !== entries) throw sizeFault(dtype, dims, `${entries} entries`, `${field.length}`);
  if (bits < 8 || isNarrowFloat(dtype)) return fromRaw(dtype, count, Uint8Array.from(field, toNumber));
  switch (dtype) {
    case 'int64':
      return BigInt64Array.from(field, toBigInt);
    case 'uint64':
      return BigUint64Array.from(field, toBigInt);
    case 'float16':
      return Float32Array.from(field, (entry) => float16FromBits(toNumber(entry)));
    case 'bfloat16':
      return Float32Array.from(field, (entry) => bfloat16FromBits(toNumber(entry)));
    case 'bool':
      return Uint8Array.from(field, (entry) => (toNumber(entry) === 0 ? 0 : 1));
    case 'float32':
      return Float32Array.from(field, Number);
    case 'float64':
      return Float64Array.from(field, Number);
    default: {
      const store = allocate(dtype, count);
      for (let i = 0; i < count; i++) store[i] = toNumber(field[i]);
      return store;
    }
  }
}

function fieldOf(dtype: DType, message: TensorMessage): readonly unknown[] {
  switch (dtype) {
    case 'float32':
      return message.floatData ?? [];
    case 'float64':
      return message.doubleData ?? [];
    case 'int64':
      return message.int64Data ?? [];
    case 'uint32':
    case 'uint64':
      return message.uint64Data ?? [];
    default:
      return message.int32Data ?? [];
  }
}

function widen(bytes: Uint8Array, count: number, valueOf: (bits: number) => number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = valueOf((bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8));
  return values;
}

function unpack(dtype: DType, count: number, bytes: Uint8Array): Int8Array | Uint8Array {
  const bits = bitsOf(dtype);
  const signed = dtype.startsWith('int');
  const values = signed ? new Int8Array(count) : new Uint8Array(count);
  const each = 8 / bits;
  const shift = 32 - bits;
  for (let i = 0; i < count; i++) {
    const field = (bytes[Math.floor(i / each)] ?? 0) >> (bits * (i % each));
    values[i] = signed ? (field << shift) >> shift : field & (2 ** bits - 1);
  }
  return values;
}

function toRaw(tensor: Tensor): Uint8Array {
  const { dtype, data } = tensor;
  const bits = bitsOf(dtype);
  if (dtype === 'float16' || dtype === 'bfloat16') {
    const toBits = dtype === 'float16' ? float16ToBits : bfloat16ToBits;
    return new Uint8Array(Uint16Array.from(data as Float32Array, toBits).buffer);
  }
  if (isNarrowFloat(dtype)) {
    const codes = Uint8Array.from(data as Float32Array, (value) => narrowToBits(dtype, value));
    return bits < 8 ? pack(codes, bits) : codes;
  }
  if (bits < 8) return pack(data as Int8Array | Uint8Array, bits);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function pack(values: Int8Array | Uint8Array, bits: number): Uint8Array {
  const each = 8 / bits;
  const bytes = new Uint8Array(Math.ceil(values.length / each));
  for (const [i, value] of values.entries()) {
    const at = Math.floor(i / each);
    bytes[at] = (bytes[at] ?? 0) | ((value & (2 ** bits - 1)) << (bits * (i % each)));
  }
  return bytes;
}
