import { describe, expect, it } from 'vitest';
import { uniformSource } from '../../../../src/ir/random.js';
import { MseIntervalObserver } from '../../../../src/passes/calibration/observers/mse-interval.js';
import { NothingObservedError } from '../../../../src/passes/calibration/observers/observer.js';

const rangeOf = (bits: number, data: Iterable<number>) => {
  const observer = new MseIntervalObserver(bits);
  observer.observe(Float32Array.from(data));
  return observer.range();
};

/** Mean squared error of the integers 0 … 2^bits - 1 that span a range. */
function errorOf(bits: number, data: Float32Array, { min, max }: { min: number; max: number }): number {
  const scale = (Math.max(0, max) - Math.min(0, min)) / (2 ** bits - 1);
  const zero = Math.round(-Math.min(0, min) / scale);
  const level = (x: number): number => Math.min(2 ** bits - 1, Math.max(0, Math.round(x / scale) + zero));
  return data.reduce((sum, x) => sum + (x - scale * (level(x) - zero)) ** 2, 0) / data.length;
}

describe('MseIntervalObserver', () => {
  it('keeps both ends of data spread evenly, however far 0 is from their middle', () => {
    const even = Array.from({ length: 4001 }, (_, i) => -1 + i / 1000);
    const { min, max } = rangeOf(8, even);
    expect(min).toBeGreaterThanOrEqual(-1);
    expect(min).toBeLessThan(-0.98);
    expect(max).toBeLessThanOrEqual(3);
    expect(max).toBeGreaterThan(2.98);
  });

  it('cuts off an outlier at the end where it is', () => {
    const uniform = uniformSource(5);
    const data = [...Array.from({ length: 20_000 }, uniform), -40];
    const { min, max } = rangeOf(4, data);
    expect(min).toBeGreaterThan(-4);
    expect(max).toBeGreaterThan(0.8);
  });

  it('is never worse than the extremes', () => {
    for (const bits of [8, 4, 2]) {
      const uniform = uniformSource(bits);
      const data = Float32Array.from({ length: 5000 }, () => uniform() ** 3 * 2 + 0.3);
      const extremes = { min: Math.min(...data), max: Math.max(...data) };
      // Bins of the histogram are a few thousandths of the range wide.
      expect(errorOf(bits, data, rangeOf(bits, data))).toBeLessThan(errorOf(bits, data, extremes) * 1.01);
    }
  });

  it('stays within what was seen on one side of 0', () => {
    expect(rangeOf(8, [1, 2, 3]).min).toBe(1);
    expect(rangeOf(8, [-3, -2]).max).toBe(-2);
    expect(rangeOf(8, [0, 0])).toEqual({ min: 0, max: 0 });
  });

  it('knows nothing before the first element', () => {
    expect(() => new MseIntervalObserver(8).range()).toThrow(NothingObservedError);
  });
});
