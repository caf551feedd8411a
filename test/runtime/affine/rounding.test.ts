import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundScaled, roundSum } from '../../../src/runtime/affine/rounding.js';
import { fractionOf, over, plus, roundFraction, times, whole } from '../../support/exact-fractions.js';

const multiplier = fc.oneof(
  fc.double({ min: 2 ** -40, max: 4, noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -20, max: 1 }).map((exponent) => 2 ** exponent),
  fc.constantFrom(1 / 3, 0.1, 1 - 2 ** -53, 1 + 2 ** -52),
);

/** The float64 number next to x, a few steps away. */
function neighbour(x: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigUint64(0, view.getBigUint64(0) + BigInt(steps));
  return view.getFloat64(0);
}

describe('roundScaled', () => {
  it('rounds the exact product, halves to even', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), multiplier, fc.boolean(), (integer, m, negative) => {
        const factor = negative ? -m : m;
        const exact = times(whole(integer), fractionOf(factor));
        fc.pre(Math.abs(integer * m) < 2 ** 23);
        expect(BigInt(roundScaled(integer, factor))).toBe(roundFraction(exact));
      }),
      { seed: 71, numRuns: 3000 },
    );
  });

  it('tells a product from a half that lies within its own rounding', () => {
    let nearHalves = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        fc.integer({ min: 0, max: 70000 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: -2, max: 2 }),
        (integer, below, divisor, steps) => {
          const m = neighbour(((below + 0.5) * divisor) / integer, steps);
          if ((integer * m) / divisor === below + 0.5) nearHalves++;
          const exact = over(times(whole(integer), fractionOf(m)), divisor);
          expect(BigInt(roundScaled(integer, m, divisor))).toBe(roundFraction(exact));
          expect(BigInt(roundScaled(-integer, m, divisor))).toBe(roundFraction({ n: -exact.n, d: exact.d }));
        },
      ),
      { seed: 72, numRuns: 5000 },
    );
    // Such products are what the exact comparison is for; without them the property would show nothing.
    expect(nearHalves).toBeGreaterThan(1000);
  });

  it('gives what saturates any 16-bit result beyond its range', () => {
    expect(roundScaled(2 ** 31 - 1, 3.7)).toBeGreaterThan(2 ** 24);
    expect(roundScaled(-(2 ** 31), 3.7)).toBeLessThan(-(2 ** 24));
  });
});

describe('roundSum', () => {
  it('rounds the exact sum, halves to even', () => {
    const operand = fc.integer({ min: -65535, max: 65535 });
    fc.assert(
      fc.property(operand, multiplier, operand, multiplier, fc.boolean(), (a, am, b, bm, minus) => {
        const right = minus ? -bm : bm;
        const exact = plus(times(whole(a), fractionOf(am)), times(whole(b), fractionOf(right)));
        expect(BigInt(roundSum(a, am, b, right))).toBe(roundFraction(exact));
      }),
      { seed: 73, numRuns: 3000 },
    );
  });

  it('tells sums that cancel to nearly a half from a half', () => {
    const operand = fc.integer({ min: 1, max: 65535 });
    fc.assert(
      fc.property(
        operand,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        operand,
        fc.integer({ min: -3, max: 3 }),
        fc.integer({ min: -200, max: 200 }),
        (a, am, b, steps, below) => {
          const bm = neighbour((below + 0.5 - a * am) / b || 1, steps);
          const exact = plus(times(whole(a), fractionOf(am)), times(whole(b), fractionOf(bm)));
          expect(BigInt(roundSum(a, am, b, bm))).toBe(roundFraction(exact));
        },
      ),
      { seed: 74, numRuns: 5000 },
    );
  });
});
