import { strToU8 } from 'fflate';
import { allocate, type DType, type Stores, type TypedArray } from '../../ir/dtype.js';
import { float16FromBits, float16ToBits } from '../../ir/onnx/float16.js';
import { sizeOf, stridesOf } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { copyElements } from '../float/strided-copy.js';
import { formatFault, type SourceName } from './format-fault.js';
import {
  npyDataBytes,
  npyHeaderRange,
  NPY_MAGIC,
  NPY_PREFIX,
  parseNpyHeader,
  type NpyHeader,
  type NpyType,
} from './npy-header.js';

const HOST_IS_BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/**
 * Reads a .npy file of version 1 to 3: numbers and booleans of either byte order, in C or Fortran order. float16 keeps its
 * type. The declared shape is checked against the bytes present before anything is allocated.
 * @throws UserError `invalid-npy` when the bytes are no such file, `unsupported-npy` for other element types.
 */
export function decodeNpy(bytes: Uint8Array, source: SourceName = {}): Tensor {
  const { start, end } = npyHeaderRange(bytes.subarray(0, NPY_PREFIX), source);
  if (bytes.length < end) throw formatFault('invalid-npy', 'the .npy file ends within its header', source);
  const header = parseNpyHeader(bytes.subarray(start, end), end, source);
  checkDataBytes(header, bytes.length, source);
  const data = decodeElements(bytes.subarray(end), header);
  return arranged(new Tensor(header.dtype, header.dims, data), header);
}

/** @throws UserError unless a file of `size` bytes holds exactly the elements that the header declares. */
export function checkDataBytes(header: NpyHeader, size: number, source: SourceName): void {
  const declared = npyDataBytes(header);
  const present = size - header.dataOffset;
  if (declared === present) return;
  const shape = header.dims.join(', ');
  throw formatFault(
    'invalid-npy',
    `the .npy file declares ${header.dtype} elements of shape (${shape}), ${declared} bytes, but holds ${present}`,
    source,
    present < declared ? 'the file may be cut off' : 'save every array to a file of its own',
  );
}

/** Elements from the bytes of a .npy file, which are copied; bool becomes 0 and 1. */
export function decodeElements(bytes: Uint8Array, { dtype, width, bigEndian }: NpyType): Stores[DType] {
  const count = bytes.length / width;
  const store = dtype === 'float16' ? new Uint16Array(count) : allocate(dtype, count);
  const own = new Uint8Array(store.buffer);
  own.set(bytes);
  if (bigEndian !== HOST_IS_BIG_ENDIAN) swapBytes(own, width);
  if (dtype === 'bool') for (let i = 0; i < count; i++) own[i] = own[i] === 0 ? 0 : 1;
  return dtype === 'float16' ? Float32Array.from(store as Uint16Array, float16FromBits) : store;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  if (width > 1) for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}

/** The tensor in row-major order when the file has it in Fortran order. */
export function arranged(tensor: Tensor, { fortranOrder }: NpyHeader): Tensor {
  const { dtype, dims, rank } = tensor;
  if (!fortranOrder || rank < 2) return tensor;
  const strides = dims.map((_, axis) => sizeOf(dims.slice(0, axis)));
  const result = Tensor.zeros(dtype, dims);
  copyElements(dims, { tensor, offset: 0, strides }, { tensor: result, offset: 0, strides: stridesOf(dims) });
  return result;
}

/** How NumPy calls the stored element types; those it does not have widen to the next that holds their values. */
const DESCRIPTIONS: Readonly<Record<DType, string>> = {
  float32: '<f4',
  float64: '<f8',
  float16: '<f2',
  bfloat16: '<f4',
  float8e4m3fn: '<f4',
  float8e4m3fnuz: '<f4',
  float8e5m2: '<f4',
  float8e5m2fnuz: '<f4',
  float8e8m0: '<f4',
  float4e2m1: '<f4',
  int8: '|i1',
  int16: '<i2',
  int32: '<i4',
  int64: '<i8',
  uint8: '|u1',
  uint16: '<u2',
  uint32: '<u4',
  uint64: '<u8',
  bool: '|b1',
  int4: '|i1',
  uint4: '|u1',
  int2: '|i1',
  uint2: '|u1',
};

/** NumPy leaves room in the header for the first axis to grow to this many digits. */
const GROWTH_DIGITS = 21;

/**
 * Writes a .npy file of version 1 in C order and little-endian, byte for byte as numpy.save does. bfloat16 and floats of
 * 8 and 4 bits are written as float32, integers narrower than a byte as int8 or uint8.
 */
export function encodeNpy(tensor: Tensor): Uint8Array {
  const header = headerBytes(DESCRIPTIONS[tensor.dtype], tensor.dims);
  const elements = elementBytes(tensor);
  const bytes = new Uint8Array(header.length + elements.length);
  bytes.set(header);
  bytes.set(elements, header.length);
  return bytes;
}

function headerBytes(descr: string, dims: readonly number[]): Uint8Array {
  const [first] = dims;
  const shape = dims.length === 1 ? `${first},` : dims.join(', ');
  const growth = first === undefined ? 0 : GROWTH_DIGITS - String(first).length;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }${' '.repeat(growth)}`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(total);
  bytes.set(NPY_MAGIC);
  bytes.set([1, 0, (total - 10) & 0xff, (total - 10) >> 8], NPY_MAGIC.length);
  bytes.set(strToU8(`${text.padEnd(total - 11)}\n`, true), 10);
  return bytes;
}

function elementBytes({ dtype, data }: Tensor): Uint8Array {
  const stored: TypedArray | Uint16Array =
    dtype === 'float16' ? Uint16Array.from(data as Float32Array, float16ToBits) : data;
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  if (!HOST_IS_BIG_ENDIAN) return bytes;
  const swapped = bytes.slice();
  swapBytes(swapped, stored.BYTES_PER_ELEMENT);
  return swapped;
}
