import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFloat32 } from '../../../src/runtime/vectors/format-float.js';

/** Digits of a decimal between its first and last one that is no zero. */
const digitsOf = (text: string): number =>
  text
    .replace(/e.*|[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '').length;

describe('formatFloat32', () => {
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1.5, '1.5'],
    [Math.fround(0.1), '0.1'],
    [Math.fround(-3.4028235e38), '-3.4028235e+38'],
    // The smallest subnormal, 1.4013e-45: one digit tells it from 0 and from 2.8e-45.
    [2 ** -149, '1e-45'],
    // 2^24 + 2 has 8 digits, and its neighbours are 2 away.
    [16777218, '16777218'],
  ])('of %d is %s', (value, text) => {
    expect(formatFloat32(value)).toBe(text);
  });

  it('rounds to the same float32 and needs at most 9 digits', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = formatFloat32(value);
        expect(Math.fround(Number(text))).toBe(value);
        expect(digitsOf(text)).toBeLessThanOrEqual(9);
      }),
      { seed: 3, numRuns: 2000 },
    );
  });

  it('gives back any decimal of 6 digits, which float32 always tells apart', () => {
    const decimal = fc.tuple(fc.integer({ min: 1, max: 999_999 }), fc.integer({ min: -30, max: 30 }));
    fc.assert(
      fc.property(decimal, ([digits, exponent]) => {
        const value = Number(`${digits}e${exponent}`);
        expect(formatFloat32(Math.fround(value))).toBe(String(value));
      }),
      { seed: 4, numRuns: 1000 },
    );
  });
});
