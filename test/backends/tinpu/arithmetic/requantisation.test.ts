import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiplierFor, powerOfTwoAbove, shiftFor } from '../../../../src/backends/tinpu/arithmetic/requantisation.js';

const limit = fc.constantFrom(1, 255, 4095);
const factor = fc.oneof(
  fc.double({ min: 2 ** -40, max: 2 ** 14, noNaN: true }),
  fc.tuple(fc.integer({ min: 1, max: 4095 }), fc.integer({ min: -8, max: 40 })).map(([odd, n]) => odd * 2 ** -n),
);

describe('shiftFor', () => {
  it('is the largest shift of the hardware that keeps the product within the limit, whatever the sign', () => {
    fc.assert(
      fc.property(factor, limit, fc.boolean(), (value, most, negative) => {
        let expected = 31;
        while (expected > 0 && value * 2 ** expected > most) expected--;
        expect(shiftFor(negative ? -value : value, most)).toBe(expected);
      }),
      { seed: 61, numRuns: 1000 },
    );
  });

  it('shifts nothing away from a factor of 0', () => {
    expect(shiftFor(0, 255)).toBe(31);
  });
});

describe('multiplierFor', () => {
  it('is the integer next to the factor times two to the shift, within the limit', () => {
    fc.assert(
      fc.property(factor, limit, fc.boolean(), (magnitude, most, negative) => {
        const value = negative ? -magnitude : magnitude;
        const { multiplier, shift } = multiplierFor(value, most);
        expect(Number.isInteger(multiplier) && Math.abs(multiplier) <= most).toBe(true);
        if (magnitude > most) expect([multiplier, shift]).toEqual([Math.sign(value) * most, 0]);
        else expect(Math.abs(multiplier - value * 2 ** shift)).toBeLessThanOrEqual(0.5);
      }),
      { seed: 62, numRuns: 1000 },
    );
  });
});

describe('powerOfTwoAbove', () => {
  it('is the least power of two that is not below', () => {
    fc.assert(
      fc.property(fc.integer({ min: -30, max: 30 }), fc.double({ min: 1.001, max: 2, noNaN: true }), (n, mantissa) => {
        expect(powerOfTwoAbove(2 ** n)).toBe(2 ** n);
        expect(powerOfTwoAbove(mantissa * 2 ** n)).toBe(2 ** (n + 1));
      }),
      { seed: 63, numRuns: 300 },
    );
  });

  it('counts what float32 cannot tell from the logarithm of a power of two as that power', () => {
    expect(powerOfTwoAbove(8 * (1 + 2 ** -26))).toBe(8);
    expect(powerOfTwoAbove(8 * (1 + 2 ** -20))).toBe(16);
  });
});
