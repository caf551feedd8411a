import { describe, expect, it } from 'vitest';
import { MseObserver } from '../../../../src/passes/calibration/observers/mse.js';
import { NothingObservedError } from '../../../../src/passes/calibration/observers/observer.js';
import { uniformSource } from '../../../../src/ir/random.js';

/** The squared error of rounding every element to the integers of a range, as spec 1.1 and 1.7 define them. */
function quantisationError(data: Float32Array, range: { min: number; max: number }, bits: number): number {
  const signed = range.min < 0;
  const top = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const scale = Math.max(-range.min, range.max) / (signed ? top + 0.5 : top);
  let sum = 0;
  for (const value of data) {
    const integer = Math.min(Math.max(Math.round(value / scale), signed ? -top - 1 : 0), top);
    sum += (value - integer * scale) ** 2;
  }
  return sum;
}

function leastError(data: Float32Array, full: number, signed: boolean, bits: number): number {
  let least = Infinity;
  for (let i = 1; i <= 400; i++) {
    const max = (full * i) / 400;
    least = Math.min(least, quantisationError(data, { min: signed ? -max : 0, max }, bits));
  }
  return least;
}

const gaussian = (count: number, seed: number): Float32Array => {
  const uniform = uniformSource(seed);
  const normal = (): number => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value) / 2;
  return Float32Array.from({ length: count }, normal);
};
const heavyTailed = (count: number, seed: number): Float32Array => gaussian(count, seed).map((x) => x * x * x);
const relu = (data: Float32Array): Float32Array => data.map((x) => Math.max(x, 0));
const withOutliers = (data: Float32Array): Float32Array => data.map((x, i) => (i % 1500 === 0 ? x * 200 : x));

const cases: [string, Float32Array][] = [
  ['bell-shaped data', gaussian(6000, 1)],
  ['bell-shaped data behind a ReLU', relu(gaussian(6000, 2))],
  ['heavy tails', heavyTailed(6000, 3)],
  ['heavy tails behind a ReLU', relu(heavyTailed(6000, 4))],
  ['outliers that make a bin wider than a step', withOutliers(gaussian(6000, 5))],
  ['uniform data', Float32Array.from({ length: 6000 }, uniformSource(6))],
  ['data far from zero', gaussian(6000, 7).map((x) => 20 + x)],
  ['mostly negative data', gaussian(6000, 8).map((x) => (x > 0 ? x * 0.1 : x))],
];

describe('MseObserver', () => {
  describe.each([8, 4, 2])('%i bits', (bits) => {
    it.each(cases)('finds the best threshold for %s', (_, data) => {
      const observer = new MseObserver(bits);
      for (let i = 0; i < data.length; i += 700) observer.observe(data.subarray(i, i + 1600));
      const range = observer.range();
      const [min, max] = [Math.min(...data), Math.max(...data)];
      const least = leastError(data, Math.max(-min, max), min < 0, bits);
      // The histogram spreads values within a bin, and the search stops at 1/8192 of the whole range: 2 % of the error.
      expect(quantisationError(data, range, bits)).toBeLessThanOrEqual(1.02 * least);
      expect(range.min).toBeGreaterThanOrEqual(min);
      expect(range.max).toBeLessThanOrEqual(max);
      expect(range.min < 0).toBe(min < 0);
    });
  });

  it('does not weigh zeros, even where a step is narrower than a bin', () => {
    const sparse = gaussian(60000, 11).map((x, i) => (i % 200 === 0 ? Math.abs(x) : 0));
    const observer = new MseObserver(12);
    observer.observe(sparse);
    const least = leastError(sparse, Math.max(...sparse), false, 12);
    expect(quantisationError(sparse, observer.range(), 12)).toBeLessThanOrEqual(1.02 * least);
  });

  it('clips more the fewer bits there are', () => {
    const data = gaussian(6000, 9);
    const [eight, four] = [8, 4].map((bits) => {
      const observer = new MseObserver(bits);
      observer.observe(data);
      return observer.range().max;
    });
    expect(four!).toBeLessThan(eight! * 0.8);
  });

  it('keeps zeros and single values', () => {
    const zeros = new MseObserver(8);
    zeros.observe(new Float32Array(10));
    expect(zeros.range()).toEqual({ min: 0, max: 0 });
    const constant = new MseObserver(8);
    constant.observe(Float32Array.of(2, 2, 2));
    expect(constant.range().max).toBe(2);
  });

  it('has no range before the first element', () => {
    expect(() => new MseObserver(8).range()).toThrow(NothingObservedError);
  });
});
