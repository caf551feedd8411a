import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BIN_COUNT } from '../../../../src/passes/calibration/observers/histogram.js';
import { NothingObservedError } from '../../../../src/passes/calibration/observers/observer.js';
import { PercentileObserver } from '../../../../src/passes/calibration/observers/percentile.js';
import { uniformSource } from '../../../../src/ir/random.js';

describe('PercentileObserver', () => {
  it('finds both order statistics to the width of a bin', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ noNaN: true, min: -100, max: 100, minLength: 1, maxLength: 200 }),
        fc.double({ min: 50.1, max: 100, noNaN: true }),
        (data, percentile) => {
          const observer = new PercentileObserver(percentile);
          observer.observe(data);
          const { min, max } = observer.range();
          const sorted = data.slice().sort();
          const rank = Math.ceil((percentile / 100) * data.length);
          // A bin is at most twice the span divided by the number of bins.
          const bin = (2 * (sorted.at(-1)! - sorted[0]!)) / BIN_COUNT;
          expect(Math.abs(max - sorted[rank - 1]!)).toBeLessThanOrEqual(bin);
          expect(Math.abs(min - sorted[data.length - rank]!)).toBeLessThanOrEqual(bin);
          expect(min).toBeLessThanOrEqual(max + bin);
        },
      ),
      { seed: 6, numRuns: 1000 },
    );
  });

  it('drops one outlier among 20000 values by default, and none at 100 per cent', () => {
    const uniform = uniformSource(1);
    const data = Float32Array.from({ length: 20000 }, uniform);
    data[777] = 50;
    const [clipped, whole] = [new PercentileObserver(), new PercentileObserver(100)];
    clipped.observe(data);
    whole.observe(data);
    expect(clipped.range().max).toBeLessThan(1.02);
    expect(clipped.range().min).toBeLessThan(-0.99);
    expect(whole.range().max).toBe(50);
  });

  it('keeps the 0 that a ReLU leaves', () => {
    const uniform = uniformSource(2);
    const observer = new PercentileObserver(99);
    observer.observe(Float32Array.from({ length: 1000 }, () => Math.max(uniform(), 0)));
    expect(observer.range().min).toBe(0);
  });

  it('keeps the extremes of few values', () => {
    const observer = new PercentileObserver();
    observer.observe(Float32Array.of(-1, 0, 4));
    expect(observer.range()).toEqual({ min: -1, max: 4 });
  });

  it('refuses percentiles that leave nothing, and has no range before the first element', () => {
    expect(() => new PercentileObserver(50)).toThrow('a percentile is above 50 and at most 100, not 50');
    expect(() => new PercentileObserver(100.1)).toThrow(RangeError);
    expect(() => new PercentileObserver(NaN)).toThrow(RangeError);
    expect(() => new PercentileObserver().range()).toThrow(NothingObservedError);
  });
});
