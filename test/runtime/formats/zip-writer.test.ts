import { strFromU8, strToU8, unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { writeZip } from '../../../src/runtime/formats/zip-writer.js';
import { readZip } from '../../../src/runtime/formats/zip.js';

const FILES: readonly (readonly [string, Uint8Array])[] = [
  ['b.txt', strToU8('zero '.repeat(200))],
  ['a/ü.txt', new Uint8Array(0)],
  ['__proto__', Uint8Array.of(1, 2, 3)],
];

describe('writeZip', () => {
  it.each([false, true])('makes what another reader reads, compressed: %s', (compress) => {
    const files = FILES.slice(0, 2);
    expect(unzipSync(writeZip(files, { compress }))).toEqual(Object.fromEntries(files));
  });

  it.each([false, true])('keeps the order and any name, compressed: %s', (compress) => {
    const entries = readZip(writeZip(FILES, { compress }));
    expect(entries.map(({ name, read }) => [name, read()])).toEqual(FILES);
  });

  it('stores files as they are, unless they are to be compressed', () => {
    expect(strFromU8(writeZip(FILES), true)).toContain('zero zero zero');
    expect(writeZip(FILES, { compress: true }).length).toBeLessThan(writeZip(FILES).length - 900);
  });

  it('writes records of the sizes that the format has', () => {
    // 30 + 46 bytes and twice the name a file, 22 at the end.
    expect(writeZip([])).toHaveLength(22);
    expect(writeZip([['ab', Uint8Array.of(1, 2, 3)]])).toHaveLength(30 + 46 + 2 * 2 + 3 + 22);
  });

  it('dates every file 1 January 1980, so that the bytes are the same at any time', () => {
    const view = new DataView(writeZip([['a', Uint8Array.of(1)]]).buffer);
    // Bits 9 … 15 are the years since 1980, 5 … 8 the month, 0 … 4 the day.
    expect(view.getUint16(12, true)).toBe((0 << 9) | (1 << 5) | 1);
    expect(view.getUint16(10, true)).toBe(0);
  });

  it('refuses more files than the directory can count', () => {
    const files = Array.from({ length: 65_535 }, (_, i) => [String(i), new Uint8Array(0)] as const);
    expect(() => writeZip(files)).toThrow(RangeError);
  });
});
