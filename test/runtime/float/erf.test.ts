import { describe, expect, it } from 'vitest';
import { erf, erfc } from '../../../src/runtime/float/erf.js';

/** erf(x) and erfc(x) to 17 digits, from their power series and continued fraction in 60-digit arithmetic. */
const TABLE: readonly (readonly [x: number, erf: number, erfc: number])[] = [
  [1e-10, 1.1283791670955126e-10, 0.999999999887162],
  [0.001, 0.0011283787909692365, 0.9988716212090307],
  [0.1, 0.1124629160182849, 0.887537083981715],
  [0.3, 0.3286267594591274, 0.6713732405408726],
  [0.49, 0.511668261188523, 0.4883317388114769],
  [0.5, 0.5204998778130465, 0.4795001221869535],
  [0.75, 0.7111556336535151, 0.28884436634648486],
  [1.0, 0.8427007929497149, 0.15729920705028513],
  [1.5, 0.9661051464753108, 0.033894853524689274],
  [2.0, 0.9953222650189527, 0.004677734981047266],
  [2.5, 0.999593047982555, 0.0004069520174449589],
  [3.5, 0.9999992569016276, 7.430983723414128e-7],
  [5.0, 0.9999999999984626, 1.537459794428035e-12],
  [9.0, 1.0, 4.13703174651381e-37],
  [26.0, 1.0, 5.663192408856143e-296],
];

describe('error function', () => {
  it.each(TABLE)('at %f', (x, value, complement) => {
    // Relative to the last places that the evaluation in float64 costs; x² up to 729 loses 10 bits of exp(-x²).
    expect(Math.abs(erf(x) - value)).toBeLessThanOrEqual(4e-16 * Math.max(Math.abs(value), 1e-300));
    expect(Math.abs(erfc(x) / complement - 1)).toBeLessThanOrEqual(2e-15 + 3e-16 * x * x);
  });

  it('is odd and ends at ±1', () => {
    for (let x = 0; x < 7; x += 0.01) expect(erf(-x)).toBe(-erf(x));
    expect([erf(Infinity), erf(-Infinity), erfc(Infinity), erfc(-Infinity)]).toEqual([1, -1, 0, 2]);
    expect([erf(NaN), erfc(NaN)]).toEqual([NaN, NaN]);
    expect([erf(0), erf(-0)]).toEqual([0, -0]);
  });

  it('is monotone where its two forms meet', () => {
    let previous = erf(0.499);
    for (let x = 0.4991; x < 0.501; x += 0.0001) {
      expect(erf(x)).toBeGreaterThan(previous);
      previous = erf(x);
    }
  });
});
