import type { DType } from '../../ir/dtype.js';
import { sizeOf } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { formatFault, type SourceName } from './format-fault.js';
import { arranged, checkDataBytes, decodeElements } from './npy.js';
import { npyHeaderRange, NPY_PREFIX, parseNpyHeader, type NpyHeader } from './npy-header.js';

/** Bytes that are read piece by piece: a file, a Blob. */
export interface ByteSource {
  readonly size: number;
  /** Exactly `length` bytes from `offset` on, which may be a view of memory that the next call overwrites. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
}

/** A .npy file whose axis 0 counts samples, read as they are wanted. */
export interface NpyRows {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /**
   * Samples `start` … `start + count - 1` as a tensor of shape [count, …dims.slice(1)].
   * @throws RangeError when they are not all there.
   */
  readonly rows: (start: number, count: number) => Promise<Tensor>;
}

export interface NpyStreamOptions extends SourceName {
  /** Largest file in Fortran order, whose samples are scattered so that all of it is held; 2^30 bytes by default. */
  readonly maxFortranBytes?: number;
}

async function readExactly(bytes: ByteSource, offset: number, length: number, source: SourceName): Promise<Uint8Array> {
  const piece = await bytes.read(offset, length);
  if (piece.length === length) return piece;
  throw formatFault('invalid-npy', `the .npy file ends after ${offset + piece.length} of ${bytes.size} bytes`, source);
}

/**
 * Opens a .npy file by its header; elements are read by `rows`, in memory in proportion to the samples asked for.
 * @throws UserError as `decodeNpy`, and for a scalar, which has no samples.
 */
export async function openNpy(bytes: ByteSource, options: NpyStreamOptions = {}): Promise<NpyRows> {
  const prefix = (await readExactly(bytes, 0, Math.min(NPY_PREFIX, bytes.size), options)).slice();
  const { start, end } = npyHeaderRange(prefix, options);
  if (bytes.size < end) throw formatFault('invalid-npy', 'the .npy file ends within its header', options);
  const header = parseNpyHeader(await readExactly(bytes, start, end - start, options), end, options);
  checkDataBytes(header, bytes.size, options);
  const { dtype, dims } = header;
  const [samples] = dims;
  if (samples === undefined) {
    throw formatFault(
      'invalid-npy',
      'the .npy file holds a scalar, an array with samples along axis 0 is accepted',
      options,
    );
  }
  const scattered = header.fortranOrder && dims.length > 1;
  const read = scattered ? await wholeReader(bytes, header, options) : pieceReader(bytes, header, options);
  return {
    dtype,
    dims,
    rows: async (first, count) => {
      if (!(
        Number.isInteger(first) &&
        Number.isInteger(count) &&
        first >= 0 &&
        count >= 0 &&
        first + count <= samples
      )) {
        throw new RangeError(`samples ${first} to ${first + count - 1} of ${samples} are wanted`);
      }
      return read(first, count);
    },
  };
}

type Reader = (first: number, count: number) => Tensor | Promise<Tensor>;

function pieceReader(bytes: ByteSource, header: NpyHeader, source: SourceName): Reader {
  const rowBytes = sizeOf(header.dims.slice(1)) * header.width;
  return async (first, count) => {
    const piece = await readExactly(bytes, header.dataOffset + first * rowBytes, count * rowBytes, source);
    return new Tensor(header.dtype, header.dims.with(0, count), decodeElements(piece, header));
  };
}

async function wholeReader(bytes: ByteSource, header: NpyHeader, options: NpyStreamOptions): Promise<Reader> {
  const { maxFortranBytes = 2 ** 30 } = options;
  if (bytes.size > maxFortranBytes) {
    throw formatFault(
      'unsupported-npy',
      `the .npy file is in Fortran order and has ${bytes.size} bytes, at most ${maxFortranBytes} are accepted in this order`,
      options,
      'save it with numpy.ascontiguousarray',
    );
  }
  const { dtype, dims, dataOffset } = header;
  const elements = decodeElements(await readExactly(bytes, dataOffset, bytes.size - dataOffset, options), header);
  const whole = arranged(new Tensor(dtype, dims, elements), header);
  const row = sizeOf(dims.slice(1));
  return (first, count) => new Tensor(dtype, dims.with(0, count), whole.data.slice(first * row, (first + count) * row));
}
