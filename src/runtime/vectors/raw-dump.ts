import { bitsOf, isFloat, type DType } from '../../ir/dtype.js';
import { Tensor } from '../../ir/tensor.js';
import { decodeElements } from '../formats/npy.js';
import { formatFault, type SourceName } from '../formats/format-fault.js';
import { decodeText } from './decode-text.js';

/** How a dump without a header holds its elements. */
export interface DumpForm {
  readonly dtype: DType;
  /** Of binary elements; little-endian unless told. */
  readonly bigEndian?: boolean | undefined;
  /** Flat when omitted. */
  readonly shape?: readonly number[] | undefined;
}

const widthOf = (dtype: DType): number => Math.max(8, bitsOf(dtype)) / 8;

/** A dump of memory: elements one after the other. @throws UserError `invalid-dump` for another size */
export function readBin(
  bytes: Uint8Array,
  { dtype, shape, bigEndian = false }: DumpForm,
  source: SourceName = {},
): Tensor {
  const width = widthOf(dtype);
  const count = bytes.length / width;
  const wanted = shape?.reduce((product, dim) => product * dim, 1) ?? count;
  if (!Number.isInteger(count) || wanted !== count) {
    const accepted =
      shape === undefined ? `a multiple of ${width}` : `${wanted * width} for ${dtype}[${shape.join(',')}]`;
    throw formatFault('invalid-dump', `the dump has ${bytes.length} bytes, accepted: ${accepted}`, source);
  }
  return new Tensor(dtype, shape ?? [count], decodeElements(bytes, { dtype, width, bigEndian }));
}

/**
 * A dump as text: Intel HEX; or hexadecimal words between white space and commas, with or without 0x. A word of at most
 * the digits of an element is its value, a longer one bytes in the order of memory; so are words of two digits each, as hex
 * dumps have them, unless 0x marks them as values of integers. `//` and `#` begin comments.
 * @throws UserError `invalid-dump`
 */
export function readHex(bytes: Uint8Array, form: DumpForm, source: SourceName = {}): Tensor {
  const text = decodeText(bytes, source);
  return readBin(/^\s*:/.test(text) ? intelHex(text, source) : hexWords(text, form, source), form, source);
}

function hexWords(text: string, { dtype, bigEndian = false }: DumpForm, source: SourceName): Uint8Array {
  const words = text
    .split('\n')
    .flatMap((line) => line.replace(/(?:\/\/|#).*/, '').split(/[\s,;]+/))
    .filter((word) => word !== '');
  const marked = isFloat(dtype) ? /^(?:0[xX])?[\da-fA-F]{2}$/ : /^[\da-fA-F]{2}$/;
  const width = words.every((word) => marked.test(word)) ? 1 : widthOf(dtype);
  const bytes: number[] = [];
  for (const word of words) {
    const [, digits] = /^(?:0[xX])?([\da-fA-F]+)$/.exec(word) ?? [];
    if (digits === undefined) throw invalid(`'${word.slice(0, 24)}' is no hexadecimal number`, source);
    const value = digits.length <= 2 * width;
    if (!value && digits.length % (2 * width) !== 0) {
      throw invalid(`a word of ${digits.length} digits holds no whole number of elements of ${width} bytes`, source);
    }
    const own = bytesOf(value ? digits.padStart(2 * width, '0') : digits);
    for (const byte of value && !bigEndian ? own.reverse() : own) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Records of data in ascending order without a gap. */
function intelHex(text: string, source: SourceName): Uint8Array {
  const bytes: number[] = [];
  let base = 0;
  let next: number | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const record = line.trim();
    if (record === '') continue;
    const fields = /^:(?:[\da-fA-F]{2}){5,}$/.test(record) ? bytesOf(record.slice(1)) : [];
    const [length = -1, high = 0, low = 0, kind = 0] = fields;
    const sum = fields.reduce((total, byte) => total + byte, 0);
    if (fields.length !== length + 5 || sum % 256 !== 0) {
      throw invalid(`line ${i + 1} is no record of Intel HEX, or its checksum is wrong`, source);
    }
    const data = fields.slice(4, -1);
    if (kind === 1) break;
    if (kind === 2 || kind === 4) base = ((data[0] ?? 0) * 256 + (data[1] ?? 0)) * (kind === 2 ? 16 : 65536);
    if (kind !== 0) continue;
    const address = base + high * 256 + low;
    if (next !== undefined && address !== next) {
      throw invalid(`line ${i + 1} stands at address ${address}, accepted: ${next}, behind the line before`, source);
    }
    next = address + length;
    for (const byte of data) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

const bytesOf = (digits: string): number[] =>
  Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));

const invalid = (what: string, source: SourceName): Error =>
  formatFault('invalid-dump', `the dump cannot be read: ${what}`, source);
