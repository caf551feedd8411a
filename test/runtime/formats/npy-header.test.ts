import { strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import {
  npyDataBytes,
  npyHeaderRange,
  parseNpyHeader,
  type NpyHeader,
} from '../../../src/runtime/formats/npy-header.js';

const prefix = (...rest: readonly number[]): Uint8Array => Uint8Array.from([0x93, ...strToU8('NUMPY'), ...rest]);
const range = (bytes: Uint8Array): unknown => npyHeaderRange(bytes, {});
const parse = (text: string): NpyHeader => parseNpyHeader(strToU8(text), 128, {});
const header = (descr: string, shape = '(2,)', order = 'False'): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

describe('npyHeaderRange', () => {
  it('reads a length of 2 bytes in version 1 and of 4 bytes from version 2 on', () => {
    expect(range(prefix(1, 0, 0x76, 0x01, 9, 9))).toEqual({ start: 10, end: 10 + 0x176 });
    expect(range(prefix(2, 0, 0x76, 0x01, 0, 0))).toEqual({ start: 12, end: 12 + 0x176 });
    expect(range(prefix(3, 0, 0, 0, 1, 0))).toEqual({ start: 12, end: 12 + 65_536 });
  });

  it('reads within a larger buffer', () => {
    const file = Uint8Array.from([7, 7, 7, ...prefix(1, 0, 16, 0, 0, 0)]);
    expect(range(file.subarray(3))).toEqual({ start: 10, end: 26 });
  });

  it.each<[string, Uint8Array, string]>([
    ['another file', strToU8('PK\x03\x04 and more'), 'does not begin as .npy files do'],
    ['a file of a few bytes', prefix(1, 0, 16), 'ends within its header'],
    ['a file cut behind 10 bytes', prefix(2, 0, 16, 0), 'ends within its header'],
    ['version 4', prefix(4, 2, 0, 0, 0, 0), 'version 4.2, 1.0 to 3.0 are accepted'],
    ['version 0', prefix(0, 0, 0, 0, 0, 0), 'version 0.0, 1.0 to 3.0 are accepted'],
    ['a header of more than 64 KiB', prefix(2, 0, 1, 0, 1, 0), 'has 65537 bytes, at most 65536 are accepted'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => range(bytes)).toThrow(message);
  });
});

describe('parseNpyHeader', () => {
  it.each<[string, string, number, boolean]>([
    ['|b1', 'bool', 1, false],
    ['|i1', 'int8', 1, false],
    ['<i2', 'int16', 2, false],
    ['>i4', 'int32', 4, true],
    ['<i8', 'int64', 8, false],
    ['|u1', 'uint8', 1, false],
    ['>u2', 'uint16', 2, true],
    ['<u4', 'uint32', 4, false],
    ['=u8', 'uint64', 8, false],
    ['<f2', 'float16', 2, false],
    ['f4', 'float32', 4, false],
    ['>f8', 'float64', 8, true],
  ])('%s is %s', (descr, dtype, width, bigEndian) => {
    expect(parse(header(`'${descr}'`))).toEqual({
      dtype,
      width,
      bigEndian,
      dims: [2],
      fortranOrder: false,
      dataOffset: 128,
    });
  });

  it('reads shapes and the order of elements', () => {
    expect(parse(header("'<f4'", '()')).dims).toEqual([]);
    expect(parse(header("'<f4'", '(3, 0, 2)', 'True'))).toMatchObject({ dims: [3, 0, 2], fortranOrder: true });
    expect(parse(header("'<f4'", `(${'1,'.repeat(64)})`)).dims).toHaveLength(64);
  });

  it.each([
    ['no dictionary', '[]', 'is no dictionary of plain values'],
    ['no shape', "{'descr': '<f4', 'fortran_order': False}", "lacks 'shape'"],
    ['more entries', header("'<f4'").replace('}', "'x': 1}"), 'has 4 entries, accepted: descr, fortran_order, shape'],
    [
      'an order that is a number',
      header("'<f4'", '(2,)', '0'),
      'fortran_order in the header of the .npy file is neither',
    ],
    ['a shape that is a number', header("'<f4'", '(2)'), 'is no tuple of integers'],
    ['a shape of truth', header("'<f4'", '(True,)'), 'is no tuple of integers'],
    ['a negative size', header("'<f4'", '(2, -1)'), 'an axis of size -1'],
    ['a size beyond 2^53', header("'<f4'", '(9007199254740993,)'), 'sizes from 0 to 2^53 are accepted'],
    ['65 axes', header("'<f4'", `(${'1,'.repeat(65)})`), 'declares 65 axes, at most 64 are accepted'],
    ['records', header("[('x', '<f4')]"), 'holds records (structured dtype)'],
    ['Python objects', header("'|O'"), "element type '|O' (Python objects)"],
    ['text', header("'<U8'"), "element type '<U8' (strings)"],
    ['complex numbers', header("'<c8'"), "element type '<c8' (complex numbers)"],
    ['dates', header("'<M8[ns]'"), "element type '<M8[ns]' (dates)"],
    ['a width that is none', header("'<f16'"), "element type '<f16'"],
    ['more behind the type', header("'<f4x'"), "element type '<f4x'"],
    ['no text as type', header('4'), "element type '4'"],
  ])('refuses %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

describe('npyDataBytes', () => {
  it('is the product of sizes and width, 0 of any empty array', () => {
    expect(npyDataBytes({ dims: [2, 3], width: 4 })).toBe(24);
    expect(npyDataBytes({ dims: [], width: 8 })).toBe(8);
    // Infinity · 0 would be NaN.
    expect(npyDataBytes({ dims: [...Array<number>(21).fill(2 ** 52), 0], width: 4 })).toBe(0);
  });
});
