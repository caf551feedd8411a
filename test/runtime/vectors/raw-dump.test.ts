import { strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { readBin, readHex, type DumpForm } from '../../../src/runtime/vectors/raw-dump.js';

const bin = (bytes: readonly number[], form: DumpForm): unknown => {
  const { dtype, dims, data } = readBin(Uint8Array.from(bytes), form);
  return [dtype, dims, Array.from<number | bigint>(data as Iterable<number | bigint>)];
};
const hex = (text: string, dtype: DType = 'int8'): readonly number[] => readHex(strToU8(text), { dtype }).toNumbers();

describe('readBin', () => {
  it.each<[DType, readonly number[], readonly (number | bigint)[]]>([
    ['uint8', [0, 255], [0, 255]],
    ['int8', [0x80, 0x7f], [-128, 127]],
    ['uint16', [1, 2, 0xff, 0xff], [0x201, 0xffff]],
    ['int32', [0, 0, 0, 0x80], [-(2 ** 31)]],
    ['int64', [1, 0, 0, 0, 0, 0, 0, 0x40], [2n ** 62n + 1n]],
    // Sign, 8 bits of exponent and 23 of mantissa: -1.5 is 1 01111111 100….
    ['float32', [0, 0, 0xc0, 0xbf], [-1.5]],
  ])('reads %s, the low byte first', (dtype, bytes, values) => {
    expect(bin(bytes, { dtype })).toEqual([dtype, [values.length], values]);
  });

  it('reads the high byte first where that is told, of binary elements and of memory as text', () => {
    expect(bin([0x12, 0x34], { dtype: 'int16', bigEndian: true })).toEqual(['int16', [1], [0x1234]]);
    const text = (digits: string): readonly number[] =>
      readHex(strToU8(digits), { dtype: 'int16', bigEndian: true }).toNumbers();
    expect(text('12 34')).toEqual([0x1234]);
    expect(text('12345678')).toEqual([0x1234, 0x5678]);
    expect(text('0x1234 1')).toEqual([0x1234, 1]);
  });

  it('has the shape that is told, and must fill it', () => {
    expect(bin([1, 2, 3, 4, 5, 6], { dtype: 'uint8', shape: [2, 3] })).toEqual(['uint8', [2, 3], [1, 2, 3, 4, 5, 6]]);
    expect(bin([7], { dtype: 'uint8', shape: [] })).toEqual(['uint8', [], [7]]);
    expect(() => bin([1, 2], { dtype: 'int16', shape: [1, 2] })).toThrow(
      'the dump has 2 bytes, accepted: 4 for int16[1,2]',
    );
    expect(() => bin([1, 2, 3], { dtype: 'int16' })).toThrow('the dump has 3 bytes, accepted: a multiple of 2');
  });
});

describe('readHex', () => {
  it.each<[string, string, DType, readonly number[]]>([
    ['a word of the digits of an element is its value', '0102 0xFFFE', 'int16', [0x102, -2]],
    ['so is a shorter one', '1, 0x80', 'int16', [1, 128]],
    ['a longer one is memory', '01020304', 'int16', [0x201, 0x403]],
    ['words of two digits are memory', '00 00\nC0,bf', 'float32', [-1.5]],
    ['so are they of floats with 0x', '0x00, 0x00, 0xc0, 0xBF', 'float32', [-1.5]],
    ['not so where 0x marks an integer', '0x12 0x80', 'int16', [0x12, 0x80]],
    ['nor where another has other digits', '12 80 1', 'int16', [0x12, 0x80, 1]],
    ['comments, commas and lines part words', '1,2;3 // 4\n# 5\r\n6', 'int8', [1, 2, 3, 6]],
    ['nothing is nothing', ' \n', 'int8', []],
  ])('%s', (_, text, dtype, values) => {
    expect(hex(text, dtype)).toEqual(values);
  });

  it.each([
    ['0xg', "'0xg' is no hexadecimal number"],
    ['-1', "'-1' is no hexadecimal number"],
    ['0x', "'0x' is no hexadecimal number"],
  ])('refuses %s', (text, message) => {
    expect(() => hex(text)).toThrow(message);
  });
});

describe('Intel HEX', () => {
  /** A record whose bytes add up to a multiple of 256. */
  const record = (address: number, kind: number, ...data: readonly number[]): string => {
    const bytes = [data.length, address >> 8, address & 0xff, kind, ...data];
    const sum = bytes.reduce((total, byte) => total + byte, 0);
    return `:${[...bytes, (256 - (sum % 256)) % 256].map((byte) => byte.toString(16).padStart(2, '0')).join('')}\n`;
  };
  it('follows addresses through segments of 64 KiB and of 16 bytes', () => {
    const linear = [record(0, 4, 0, 1), record(0xfffe, 0, 1, 2), record(0, 4, 0, 2), record(0, 0, 3)];
    expect(hex(linear.join(''))).toEqual([1, 2, 3]);
    // Segment 0x1000 begins at 0x10000.
    const segmented = [record(0xffff, 0, 1), record(0, 2, 0x10, 0), record(0, 0, 2)];
    expect(hex(segmented.join(''))).toEqual([1, 2]);
  });

  it('ends with the record of the end, and passes over the start address', () => {
    expect(hex(record(0, 0, 1) + record(0, 5, 0, 0, 0, 9) + record(1, 0, 2) + record(0, 1) + record(9, 0, 3))).toEqual([
      1, 2,
    ]);
  });

  it.each([
    ['a gap', record(0, 0, 1) + record(2, 0, 2), 'line 2 stands at address 2, accepted: 1'],
    ['what goes back', record(4, 0, 1) + record(4, 0, 2), 'line 2 stands at address 4, accepted: 5'],
    ['a wrong checksum', record(0, 0, 1).replace(/..\n$/, '00\n'), 'its checksum is wrong'],
    ['a record that is too short for its data', ':0300000001FC\n', 'line 1 is no record'],
    ['another line', `${record(0, 0, 1)}1 2`, 'line 2 is no record'],
  ])('refuses %s', (_, text, message) => {
    expect(() => hex(text)).toThrow(message);
  });
});
