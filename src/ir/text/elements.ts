import { allocate, type DType } from '../dtype.js';
import type { Tensor } from '../tensor.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES: ReadonlyMap<string, number> = new Map(Array.from(DIGITS, (digit, value) => [digit, value]));

/** Elements of a tensor as base64 of their little-endian store. */
export function encodeElements(tensor: Tensor): string {
  return encodeBase64(toLittleEndian(tensor.dtype, tensor.data));
}

/** The reverse of `encodeElements`; undefined when the text does not hold exactly `length` elements. */
export function decodeElements<D extends DType>(
  dtype: D,
  length: number,
  text: string,
): ReturnType<typeof allocate<D>> | undefined {
  const bytes = decodeBase64(text);
  const width = allocate(dtype, 0).BYTES_PER_ELEMENT;
  if (bytes?.length !== length * width) return undefined;
  const store = allocate(dtype, length);
  new Uint8Array(store.buffer).set(swapIfBigEndian(bytes, width));
  return store;
}

const HOST_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function toLittleEndian(dtype: DType, data: Tensor['data']): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return swapIfBigEndian(bytes, allocate(dtype, 0).BYTES_PER_ELEMENT);
}

function swapIfBigEndian(bytes: Uint8Array, width: number): Uint8Array {
  if (HOST_IS_LITTLE || width === 1) return bytes;
  const swapped = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += width) swapped.set(bytes.subarray(i, i + width).toReversed(), i);
  return swapped;
}

function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.subarray(i, i + 3);
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const digit = (shift: number): string => DIGITS.charAt((word >> shift) & 63);
    parts.push(digit(18), digit(12), b === undefined ? '=' : digit(6), c === undefined ? '=' : digit(0));
  }
  return parts.join('');
}

function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const digits = text.slice(0, text.length - padding);
  let word = 0;
  let bits = 0;
  let at = 0;
  for (const digit of digits) {
    const value = VALUES.get(digit);
    if (value === undefined) return undefined;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 255;
    }
  }
  return bytes;
}
