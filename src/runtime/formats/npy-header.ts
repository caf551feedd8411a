import { strFromU8 } from 'fflate';
import type { DType } from '../../ir/dtype.js';
import { formatFault, type SourceName } from './format-fault.js';
import { readPythonDict, type PythonValue } from './python-literal.js';

/** How the elements of a .npy file are stored. */
export interface NpyType {
  readonly dtype: DType;
  /** Bytes of one element. */
  readonly width: number;
  readonly bigEndian: boolean;
}

/** What the header of a .npy file declares. */
export interface NpyHeader extends NpyType {
  readonly dims: readonly number[];
  /** Whether the first axis, not the last, varies fastest. */
  readonly fortranOrder: boolean;
  /** Bytes before the first element. */
  readonly dataOffset: number;
}

/** Bytes of the longest prefix (magic, version, length) in front of the header text. */
export const NPY_PREFIX = 12;

/** \x93NUMPY. */
export const NPY_MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Longest header text accepted; what NumPy writes for plain arrays stays far below. */
const MAX_HEADER = 65_536;

/** Most axes, as in NumPy. */
const MAX_RANK = 64;

/** Element types by the kind and width that NumPy writes. */
const TYPES: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['b1', 'bool'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
]);

/** What the kinds of element that are refused are called. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['O', 'Python objects'],
  ['S', 'byte strings'],
  ['a', 'byte strings'],
  ['U', 'strings'],
  ['V', 'raw bytes or records'],
  ['c', 'complex numbers'],
  ['m', 'time spans'],
  ['M', 'dates'],
]);

const invalid = (message: string, source: SourceName): Error => formatFault('invalid-npy', message, source);

/**
 * Where the header text lies.
 * @param prefix the first `NPY_PREFIX` bytes of the file, or all when it is shorter
 * @throws UserError when this is no .npy file of version 1 to 3.
 */
export function npyHeaderRange(
  prefix: Uint8Array,
  source: SourceName,
): { readonly start: number; readonly end: number } {
  if (!NPY_MAGIC.every((byte, i) => prefix[i] === byte)) {
    throw invalid('the file does not begin as .npy files do (\\x93NUMPY)', source);
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const start = prefix[6] === 1 ? 10 : 12;
  if (prefix.length < start) throw invalid('the .npy file ends within its header', source);
  const major = view.getUint8(6);
  if (major < 1 || major > 3) {
    throw invalid(`the .npy file has version ${major}.${view.getUint8(7)}, 1.0 to 3.0 are accepted`, source);
  }
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) {
    throw invalid(`the header of the .npy file has ${length} bytes, at most ${MAX_HEADER} are accepted`, source);
  }
  return { start, end: start + length };
}

/**
 * Reads the header text, a Python dictionary, as data.
 * @param header the bytes between the bounds of `npyHeaderRange`
 * @throws UserError when it is anything but descr, fortran_order and shape, or declares what quantc does not read.
 */
export function parseNpyHeader(header: Uint8Array, dataOffset: number, source: SourceName): NpyHeader {
  const entries = readPythonDict(strFromU8(header, true));
  if (entries === undefined) throw invalid('the header of the .npy file is no dictionary of plain values', source);
  const known = ['descr', 'fortran_order', 'shape'];
  for (const name of known) {
    if (!entries.has(name)) throw invalid(`the header of the .npy file lacks '${name}'`, source);
  }
  if (entries.size > known.length) {
    throw invalid(`the header of the .npy file has ${entries.size} entries, accepted: ${known.join(', ')}`, source);
  }
  const fortranOrder = entries.get('fortran_order');
  if (typeof fortranOrder !== 'boolean') {
    throw invalid('fortran_order in the header of the .npy file is neither True nor False', source);
  }
  const dims = parseShape(entries.get('shape'), source);
  return { ...parseType(entries.get('descr'), source), dims, fortranOrder, dataOffset };
}

function parseShape(shape: PythonValue | undefined, source: SourceName): readonly number[] {
  const dims = Array.isArray(shape) ? shape.filter((dim) => typeof dim === 'number') : [];
  if (!Array.isArray(shape) || dims.length !== shape.length) {
    throw invalid('shape in the header of the .npy file is no tuple of integers', source);
  }
  if (dims.length > MAX_RANK) {
    throw invalid(`the .npy file declares ${dims.length} axes, at most ${MAX_RANK} are accepted`, source);
  }
  const wrong = dims.find((dim) => !Number.isSafeInteger(dim) || dim < 0);
  if (wrong === undefined) return dims;
  throw invalid(`the .npy file declares an axis of size ${wrong}, sizes from 0 to 2^53 are accepted`, source);
}

function parseType(descr: PythonValue | undefined, source: SourceName): NpyType {
  const accepted = `accepted: bool, int8 to int64, uint8 to uint64, float16, float32, float64`;
  if (Array.isArray(descr)) {
    const hint = 'save one plain array for each field';
    throw formatFault('unsupported-npy', `the .npy file holds records (structured dtype); ${accepted}`, source, hint);
  }
  const [, order, kind = '', width = ''] =
    /^([<>=|]?)([A-Za-z])(\d*)/.exec(typeof descr === 'string' ? descr : '') ?? [];
  const dtype = TYPES.get(kind + width);
  if (dtype !== undefined && descr === `${order}${kind}${width}`) {
    return { dtype, width: Number(width), bigEndian: order === '>' };
  }
  const name = REFUSED.get(kind);
  const found = `the .npy file has element type '${String(descr)}'${name === undefined ? '' : ` (${name})`}`;
  throw formatFault('unsupported-npy', `${found}; ${accepted}`, source, 'convert it with .astype before saving');
}

/** Bytes the elements take; more than any file has when the sizes are out of all proportion. */
export function npyDataBytes({ dims, width }: { readonly dims: readonly number[]; readonly width: number }): number {
  return dims.includes(0) ? 0 : dims.reduce((product, dim) => product * dim, width);
}
