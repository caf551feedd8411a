import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readZip, ZipFault } from '../../../src/runtime/formats/zip.js';

/** Archives of another writer: stored and deflated, each with its own name. */
const TEXT = strToU8('abc'.repeat(100));
const ARCHIVE = zipSync({ 'stored.txt': [TEXT, { level: 0 }], 'ä/packed': [TEXT, { level: 9 }] });

const contents = (bytes: Uint8Array): unknown =>
  readZip(bytes).map(({ name, size, read }) => [name, size, strFromU8(read())]);
/** The archive with the bytes at a place behind the signature of a record changed. */
function changed(signature: string, at: number, ...values: readonly number[]): Uint8Array {
  const bytes = ARCHIVE.slice();
  bytes.set(values, Buffer.from(bytes).indexOf(signature, 0, 'latin1') + at);
  return bytes;
}
const [LOCAL, CENTRAL, END] = ['PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06'] as const;

describe('readZip', () => {
  it('reads what another writer made, stored and deflated', () => {
    const text = 'abc'.repeat(100);
    expect(contents(ARCHIVE)).toEqual([
      ['stored.txt', 300, text],
      ['ä/packed', 300, text],
    ]);
    expect(Object.keys(unzipSync(ARCHIVE))).toHaveLength(2);
  });

  it('reads an empty archive, within a larger buffer', () => {
    const empty = zipSync({});
    expect(readZip(empty)).toEqual([]);
    const padded = new Uint8Array(ARCHIVE.length + 10);
    padded.set(ARCHIVE, 5);
    expect(readZip(padded.subarray(5, 5 + ARCHIVE.length))).toHaveLength(2);
  });

  it('unpacks one file when another is damaged', () => {
    const bytes = changed('abcabc', 0, 0x78);
    const [stored, packed] = readZip(bytes);
    expect(() => stored?.read()).toThrow("'stored.txt' is damaged: its CRC-32 is not the declared one");
    expect(packed?.read()).toEqual(TEXT);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'it has no end record'],
    ['half of one', ARCHIVE.subarray(0, ARCHIVE.length / 2), 'it has no end record'],
    ['one cut by a byte', ARCHIVE.subarray(0, -1), 'it has no end record'],
    ['a part of several disks', changed(END, 4, 1), 'it spans several disks'],
    ['more files than there are', changed(END, 8, 3, 0, 3, 0), 'breaks off after 2 of 3 entries'],
    ['a directory beyond the end', changed(END, 16, 0xff, 0xff), 'its directory lies outside the file'],
    ['ZIP64', changed(END, 16, 0xff, 0xff, 0xff, 0xff), 'it needs ZIP64'],
    ['an encrypted file', changed(CENTRAL, 8, 1), "'stored.txt' is encrypted"],
    ['another method', changed(CENTRAL, 10, 12), "'stored.txt' is packed by method 12"],
    ['a file that is elsewhere', changed(CENTRAL, 42, 1), "'stored.txt' is not where the directory says"],
    ['a local header of another kind', changed(LOCAL, 0, 0x51), "'stored.txt' is not where the directory says"],
    ['a stored file that grows', changed(CENTRAL, 24, 0, 1), 'declared to unpack from 300 to 256 bytes'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readZip(bytes)).toThrow(ZipFault);
    expect(() => readZip(bytes)).toThrow(message);
  });
});
