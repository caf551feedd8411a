import { describe, expect, it } from 'vitest';
import { externalBytes } from '../../../src/ir/onnx/external-data.js';
import { ModelFault } from '../../../src/ir/onnx/fault.js';

const entries = (fields: Readonly<Record<string, string>>): { key: string; value: string }[] =>
  Object.entries(fields).map(([key, value]) => ({ key, value }));

function refusal(fields: Readonly<Record<string, string>>, found?: Uint8Array, count = 4): string {
  try {
    externalBytes(entries(fields), count, () => found);
  } catch (error) {
    if (error instanceof ModelFault) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('externalBytes', () => {
  it.each(['w.bin', 'sub/w.bin', './w.bin', 'a..b', '...', 'name with space', '__proto__'])(
    'accepts %j',
    (location) => {
      expect(refusal({ location }, new Uint8Array(4))).toBe('accepted');
    },
  );

  it.each([
    ['', 'names no file'],
    ['/etc/passwd', 'absolute path'],
    ['../w.bin', 'leaves the folder'],
    ['a/../../w.bin', 'leaves the folder'],
    ['a/..', 'leaves the folder'],
    ['..', 'leaves the folder'],
    ['C:w.bin', 'names a drive'],
    ['c:/w.bin', 'names a drive'],
    ['file:///w.bin', 'names a drive or a scheme'],
    ['..\\w.bin', 'backslash'],
    ['\\\\server\\share', 'backslash'],
    ['w.bin\0.txt', 'NUL'],
  ])('refuses %j before anything is read', (location, reason) => {
    const message = refusal({ location }, new Uint8Array(4));
    expect(message).toContain('unsafe-path');
    expect(message).toContain(reason);
  });

  it('asks for exactly the bytes that the tensor takes', () => {
    const asked: unknown[] = [];
    externalBytes(entries({ location: 'w', offset: '4096' }), 12, (...call) => {
      asked.push(call);
      return new Uint8Array(12);
    });
    expect(asked).toEqual([['w', 4096, 12]]);
  });

  it.each([
    [{ location: 'w', length: '8' }, new Uint8Array(8), 'its dims take 4 bytes, but its external data have 8'],
    [{ location: 'w', offset: '-1' }, new Uint8Array(4), 'the offset of its external data is "-1"'],
    [{ location: 'w', offset: '1e3' }, new Uint8Array(4), 'the offset of its external data is "1e3"'],
    [{ location: 'w', offset: '99999999999999999999' }, new Uint8Array(4), 'the offset of its external data'],
    [{ location: 'w' }, new Uint8Array(3), "its data take 4 bytes at offset 0 of 'w', which holds 3 there"],
    [
      { location: 'w' },
      undefined,
      "its data lie in the file 'w', and no such file can be read in the model's folder or below it",
    ],
  ])('refuses %j', (fields, found, message) => expect(refusal(fields, found)).toContain(message));

  it('refuses without a resolver', () => {
    expect(() => externalBytes(entries({ location: 'w' }), 4, undefined)).toThrow('only the model itself was given');
  });
});
