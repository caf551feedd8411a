import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeElements, encodeElements } from '../../../src/ir/text/elements.js';
import { anyDType, distinct } from '../../support/naive-tensor.js';

describe('elements as base64', () => {
  it('is that of the bytes, and gives them back', () => {
    fc.assert(
      fc.property(anyDType, fc.nat(40), (dtype, length) => {
        const tensor = distinct(dtype, [length]);
        const text = encodeElements(tensor);
        expect(text).toBe(
          Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength).toString('base64'),
        );
        expect(decodeElements(dtype, length, text)).toEqual(tensor.data);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('knows all digits', () => {
    const bytes = Uint8Array.from({ length: 3 * 256 * 3 }, (_, i) => (i * 7 + (i >> 8) * 31) & 255);
    const text = Buffer.from(bytes).toString('base64');
    expect(new Set(text).size).toBe(64);
    expect(decodeElements('uint8', bytes.length, text)).toEqual(bytes);
  });

  it.each([
    ['another length', 'AAAA', 2],
    ['a part of an element', 'AAA=', 1],
    ['a length that is none of base64', 'AAAAA', 1],
    ['a character that is no digit', 'AAA*AAAA', 1],
    ['padding in the middle', 'AA==AAAA', 1],
  ])('refuses %s', (_, text, length) => {
    expect(decodeElements('float32', length, text)).toBeUndefined();
  });
});
