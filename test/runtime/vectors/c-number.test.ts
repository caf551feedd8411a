import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCInteger, parseCNumber } from '../../../src/runtime/vectors/c-number.js';

describe('parseCNumber', () => {
  it.each([
    ['0', 0],
    ['017', 15],
    ['0x1F', 31],
    ['0XffUL', 255],
    ['12u', 12],
    ['1.5f', 1.5],
    ['1e-3F', 0.001],
    ['.5', 0.5],
    ['2.', 2],
    ['0x1.8p1', 3],
    ['0x.8p0f', 0.5],
    ['0x10p-4', 1],
  ])('%s', (text, value) => {
    expect(parseCNumber(text)?.value).toBe(value);
  });
  it.each(['', 'f', '08', '0x', '0xg', '0x1.8', '0xp1', '1x', '--1'])('%j is none', (text) => {
    expect(parseCNumber(text)).toBeUndefined();
  });
  it('reads what is printed of any number', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(parseCNumber(String(value))?.value).toBe(value);
      }),
      { seed: 2 },
    );
  });
});

describe('parseCInteger', () => {
  it.each<[string, bigint]>([
    ['0', 0n],
    ['-017', -15n],
    ['0x1FuL', 31n],
    ['9007199254740993', 2n ** 53n + 1n],
  ])('%s', (text, value) => {
    expect(parseCInteger(text)).toBe(value);
  });
  it.each(['', '-', '1.5', '1e3', '08', '0x', '1f'])('%j is none', (text) => {
    expect(parseCInteger(text)).toBeUndefined();
  });
});
