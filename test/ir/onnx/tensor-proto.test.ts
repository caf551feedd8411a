import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import { isNarrowFloat, type NarrowFloat } from '../../../src/ir/onnx/narrow-floats.js';
import { allocate, bitsOf, DTYPES, type DType } from '../../../src/ir/dtype.js';
import { codeOfDType } from '../../../src/ir/onnx/data-type.js';
import { tensorFromMessage } from '../../../src/ir/onnx/tensor-message.js';
import { decodeTensorProto, encodeTensorProto } from '../../../src/ir/onnx/tensor-proto.js';
import { decodeTensorMessage } from '../../../src/ir/onnx/proto.js';
import { Tensor, tensorsEqual } from '../../../src/ir/tensor.js';
import { tensorBytes, type TensorSpec } from '../../support/onnx-builder.js';

const decode = (spec: TensorSpec): Tensor => decodeTensorProto(tensorBytes(spec));
const elements = (spec: TensorSpec): unknown[] => Array.from<unknown>(decode(spec).data);

function refusal(spec: TensorSpec | Uint8Array): string {
  try {
    decodeTensorProto(spec instanceof Uint8Array ? spec : tensorBytes(spec));
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return 'accepted';
}

/** Values of a type that survive in its store, extremes included. */
/** Values that the type holds, all of them unlike. */
const NARROW: Readonly<Record<NarrowFloat, readonly number[]>> = {
  float8e4m3fn: [0, -0, 1.5, -448, NaN],
  float8e4m3fnuz: [0, 2 ** -10, 1.5, -240, NaN],
  float8e5m2: [0, -0, 1.5, -Infinity, NaN],
  float8e5m2fnuz: [0, 2 ** -17, 1.5, -57344, NaN],
  float8e8m0: [1, 2 ** -127, 2 ** 127, 0.5, NaN],
  float4e2m1: [0, -0, 1.5, -6, 4],
};

function samples(dtype: DType): Tensor {
  const bits = bitsOf(dtype);
  const data = allocate(dtype, 5);
  const values = isNarrowFloat(dtype)
    ? NARROW[dtype]
    : dtype.includes('float')
      ? [0, -0, 1.5, -Infinity, NaN]
      : dtype === 'bool'
        ? [0, 1, 1, 0, 1]
        : dtype.startsWith('u')
          ? [0, 1, 2n ** BigInt(bits) - 1n, 2n, 3n]
          : [0, -1n, 2n ** BigInt(bits - 1) - 1n, -(2n ** BigInt(bits - 1)), 1n];
  for (const [i, value] of values.entries()) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(value);
    else data[i] = Number(value);
  }
  return new Tensor(dtype, [5, 1], data);
}

describe('encodeTensorProto and decodeTensorProto', () => {
  it.each(DTYPES)('give back %s', (dtype) => {
    const tensor = samples(dtype);
    expect(tensorsEqual(decodeTensorProto(encodeTensorProto(tensor, 't')), tensor)).toBe(true);
  });

  it.each(DTYPES)('give back an empty tensor and a scalar of %s', (dtype) => {
    for (const tensor of [Tensor.zeros(dtype, [2, 0]), new Tensor(dtype, [], samples(dtype).data.slice(2, 3))]) {
      expect(tensorsEqual(decodeTensorProto(encodeTensorProto(tensor)), tensor)).toBe(true);
    }
  });
});

describe('typed fields', () => {
  it.each<[string, TensorSpec, unknown[]]>([
    ['float32 in float_data', { type: 1, dims: [2], floats: [1.5, -0] }, [1.5, -0]],
    ['float64 in double_data', { type: 11, dims: [2], doubles: [1e300, -1] }, [1e300, -1]],
    ['int32 in int32_data', { type: 6, dims: [2], int32s: [-5, 7] }, [-5, 7]],
    ['int8 in int32_data', { type: 3, dims: [2], int32s: [-128, 127] }, [-128, 127]],
    ['uint8 in int32_data', { type: 2, dims: [1], int32s: [255] }, [255]],
    ['int16 in int32_data', { type: 5, dims: [1], int32s: [-32768] }, [-32768]],
    ['uint16 in int32_data', { type: 4, dims: [1], int32s: [65535] }, [65535]],
    ['bool in int32_data', { type: 9, dims: [3], int32s: [0, 1, 2] }, [0, 1, 1]],
    ['float16 bits in int32_data', { type: 10, dims: [2], int32s: [0x3c00, 0xc000] }, [1, -2]],
    ['8-bit floats in int32_data', { type: 17, dims: [3], int32s: [0x38, 0xc0, 0x7e] }, [1, -2, 448]],
    ['4-bit floats in int32_data', { type: 23, dims: [3], int32s: [0xc2, 0x07] }, [1, -2, 6]],
    ['bfloat16 bits in int32_data', { type: 16, dims: [2], int32s: [0x3f80, 0xc000] }, [1, -2]],
    [
      'int64 in int64_data',
      { type: 7, dims: [2], int64s: [2n ** 63n - 1n, -(2n ** 63n)] },
      [2n ** 63n - 1n, -(2n ** 63n)],
    ],
    ['uint64 in uint64_data', { type: 13, dims: [1], uint64s: [2n ** 64n - 1n] }, [2n ** 64n - 1n]],
    ['uint32 in uint64_data', { type: 12, dims: [1], uint64s: [2 ** 32 - 1] }, [2 ** 32 - 1]],
    ['int4, two a byte, low first', { type: 22, dims: [3], int32s: [0xf8, 0x07] }, [-8, -1, 7]],
    ['uint4, two a byte, low first', { type: 21, dims: [3], int32s: [0xf8, 0x07] }, [8, 15, 7]],
    ['int2, four a byte, low first', { type: 26, dims: [5], int32s: [0b11_10_01_00, 0b01] }, [0, 1, -2, -1, 1]],
    ['uint2, four a byte, low first', { type: 25, dims: [5], int32s: [0b11_10_01_00, 0b01] }, [0, 1, 2, 3, 1]],
  ])('%s, packed or one field an element', (_, spec, expected) => {
    expect(elements(spec)).toEqual(expected);
    expect(elements({ ...spec, unpacked: true })).toEqual(expected);
  });
});

describe('raw data', () => {
  it.each<[string, TensorSpec, unknown[]]>([
    ['float16', { type: 10, dims: [2], raw: Uint8Array.of(0x00, 0x3c, 0x00, 0xc0) }, [1, -2]],
    ['float8e4m3fnuz', { type: 18, dims: [2], raw: Uint8Array.of(0x40, 0xc8) }, [1, -2]],
    ['float8e5m2', { type: 19, dims: [3], raw: Uint8Array.of(0x3c, 0xc0, 0x7c) }, [1, -2, Infinity]],
    ['float8e5m2fnuz', { type: 20, dims: [2], raw: Uint8Array.of(0x40, 0xc4) }, [1, -2]],
    ['float8e8m0', { type: 24, dims: [2], raw: Uint8Array.of(0x7f, 0x80) }, [1, 2]],
    ['float4e2m1', { type: 23, dims: [3], raw: Uint8Array.of(0xc2, 0x07) }, [1, -2, 6]],
    ['bfloat16', { type: 16, dims: [1], raw: Uint8Array.of(0x80, 0x3f) }, [1]],
    ['int4', { type: 22, dims: [3], raw: Uint8Array.of(0xf8, 0x07) }, [-8, -1, 7]],
    ['int64', { type: 7, dims: [1], raw: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80) }, [-(2n ** 63n)]],
    ['bool', { type: 9, dims: [2], raw: Uint8Array.of(0, 255) }, [0, 1]],
  ])('%s', (_, spec, expected) => expect(elements(spec)).toEqual(expected));

  it('is read at any alignment', () => {
    for (let length = 0; length < 9; length++) {
      const spec: TensorSpec = {
        dims: [2],
        raw: new Uint8Array(Float32Array.of(1, 2).buffer),
        name: 'n'.repeat(length),
      };
      expect(elements(spec)).toEqual([1, 2]);
    }
  });

  it('is copied, so that the file is not kept alive', () => {
    const bytes = tensorBytes({ dims: [2], raw: new Uint8Array(8) });
    const tensor = decodeTensorProto(bytes);
    bytes.fill(0xff);
    expect([...tensor.data]).toEqual([0, 0]);
    expect(tensor.data.buffer.byteLength).toBe(8);
  });

  it('reads a Node buffer too', () => {
    const buffer = Buffer.concat([Buffer.from([0]), tensorBytes({ type: 9, dims: [1], raw: Uint8Array.of(7) })]);
    expect([...decodeTensorProto(buffer.subarray(1)).data]).toEqual([1]);
  });
});

describe('refusals', () => {
  it.each<[string, TensorSpec, string]>([
    [
      'too few bytes',
      { dims: [2], raw: new Uint8Array(7) },
      'it declares float32[2], which takes 8 bytes, but holds 7',
    ],
    [
      'too many bytes',
      { type: 22, dims: [3], raw: new Uint8Array(3) },
      'it declares int4[3], which takes 2 bytes, but holds 3',
    ],
    ['too few entries', { dims: [2, 2], floats: [1] }, 'it declares float32[2,2], which takes 4 entries, but holds 1'],
    [
      'the field of another type',
      { dims: [1], doubles: [1] },
      'it declares float32[1], which takes 1 entries, but holds 0',
    ],
    [
      'no data',
      { dims: [2 ** 40] },
      'it declares float32[1099511627776], which takes 4398046511104 bytes, but holds 0',
    ],
    ['a huge claim', { dims: [2 ** 40], raw: new Uint8Array(4) }, 'which takes 4398046511104 bytes, but holds 4'],
    ['a negative dimension', { dims: [-1], raw: new Uint8Array(4) }, 'it declares the dimension -1'],
    [
      'an overflowing product',
      { dims: [2 ** 31, 2 ** 31], raw: new Uint8Array(0) },
      'multiply to more than 2^53 elements',
    ],
    ['an overflow hidden by a zero', { dims: [0, 2 ** 40, 2 ** 40] }, 'multiply to more than 2^53 elements'],
    ['dims that overflow 64 bits', { dims: [2n ** 63n - 1n, 2] }, 'multiply to more than 2^53 elements'],
    ['strings', { type: 8, dims: [1], strings: ['a'] }, 'its element type is STRING, which is not supported'],
    ['complex numbers', { type: 14, dims: [1], floats: [1, 2] }, 'its element type is COMPLEX64'],
    ['too few 8-bit floats', { type: 17, dims: [2], raw: new Uint8Array(1) }, 'which takes 2 bytes, but holds 1'],
    ['too many 4-bit floats', { type: 23, dims: [2], raw: new Uint8Array(2) }, 'which takes 1 bytes, but holds 2'],
    ['an undefined type', { type: 99, dims: [1], raw: new Uint8Array(1) }, 'its element type is data type 99'],
    ['no type', { type: 0, dims: [] }, 'its element type is UNDEFINED'],
  ])('%s', (_, spec, message) => expect(refusal(spec)).toContain(message));

  it('of bytes that are no tensor', () => {
    expect(refusal(Uint8Array.of(0xff, 0xff))).toContain('the protobuf data are damaged');
    const bytes = tensorBytes({ dims: [2], raw: new Uint8Array(8) });
    expect(refusal(bytes.subarray(0, -1))).toContain('a field of 8 bytes is cut off after 7');
  });

  it('of tensors in segments', () => {
    expect(refusal(Uint8Array.of(0x10, 1, 0x1a, 0))).toBe('it is stored in segments, which is not supported');
  });
});

it('knows the code of every element type', () => {
  expect(DTYPES.map(codeOfDType).every((code) => code > 0)).toBe(true);
  expect(new Set(DTYPES.map(codeOfDType)).size).toBe(DTYPES.length);
});

it('takes external data from the resolver', () => {
  const bytes = tensorBytes({
    dims: [2],
    external: [
      ['location', 'w.bin'],
      ['offset', '4'],
      ['length', '8'],
    ],
  });
  const calls: unknown[] = [];
  const tensor = tensorFromMessage(decodeTensorMessage(bytes), (...call) => {
    calls.push(call);
    return new Uint8Array(Float32Array.of(3, 4).buffer);
  });
  expect(calls).toEqual([['w.bin', 4, 8]]);
  expect([...tensor.data]).toEqual([3, 4]);
});
