import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntropyObserver, leastDivergence } from '../../../../src/passes/calibration/observers/entropy.js';
import { NothingObservedError } from '../../../../src/passes/calibration/observers/observer.js';
import { uniformSource } from '../../../../src/ir/random.js';

/** KL(P‖Q) of keeping some leading bins, written out from its definition. */
function divergence(counts: readonly number[], kept: number, levels: number): number {
  const p = counts.slice(0, kept);
  p[kept - 1]! += counts.slice(kept).reduce((sum, count) => sum + count, 0);
  const q = new Array<number>(kept).fill(0);
  for (let level = 0; level < levels; level++) {
    const bins = [...p.keys()].filter(
      (bin) => bin >= Math.floor((level * kept) / levels) && bin < Math.floor(((level + 1) * kept) / levels),
    );
    const mass = bins.reduce((sum, bin) => sum + counts[bin]!, 0);
    const filled = bins.filter((bin) => p[bin]! > 0);
    for (const bin of filled) q[bin] = mass / filled.length;
  }
  const [sumP, sumQ] = [p, q].map((values) => values.reduce((sum, value) => sum + value, 0));
  return p.reduce((sum, value, bin) => {
    if (value === 0) return sum;
    return sum + (value / sumP!) * Math.log(value / sumP! / (q[bin]! / sumQ!));
  }, 0);
}

const gaussian = (count: number, seed: number): Float32Array => {
  const uniform = uniformSource(seed);
  const normal = (): number => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value) / 2;
  return Float32Array.from({ length: count }, normal);
};

function rangeOf(data: Float32Array, bits = 8): { min: number; max: number } {
  const observer = new EntropyObserver(bits);
  for (let i = 0; i < data.length; i += 5000) observer.observe(data.subarray(i, i + 5000));
  return observer.range();
}

describe('leastDivergence', () => {
  it('minimises the divergence as defined', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.nat(20), fc.nat(5000)), { minLength: 1, maxLength: 60 }),
        fc.constantFrom(2, 4, 8, 16),
        (counts, levels) => {
          const found = leastDivergence(Float64Array.from(counts), levels);
          if (counts.every((count) => count === 0) || counts.length <= levels) {
            expect(found).toBe(counts.length);
            return;
          }
          const all = Array.from({ length: counts.length - levels + 1 }, (_, i) => i + levels)
            .map((kept) => divergence(counts, kept, levels))
            .filter((value) => !Number.isNaN(value));
          // Both sums of at most 60 terms round; a tie may fall either way.
          expect(divergence(counts, found, levels)).toBeLessThanOrEqual(Math.min(...all) + 1e-12);
        },
      ),
      { seed: 8, numRuns: 2000 },
    );
  });

  it('keeps everything on a tie', () => {
    expect(leastDivergence(Float64Array.of(5, 5, 5, 5, 5, 5, 5, 5), 2)).toBe(8);
  });
});

describe('EntropyObserver', () => {
  it('clips rare outliers and keeps the bulk', () => {
    const data = gaussian(100000, 1).map((x, i) => (i % 20000 === 7 ? 30 : x));
    const { min, max } = rangeOf(data);
    expect(max).toBeGreaterThan(2.5);
    expect(max).toBeLessThan(10);
    expect(min).toBeGreaterThan(-10);
    expect(min).toBeLessThan(-2.5);
  });

  it('keeps all of uniform data', () => {
    const uniform = uniformSource(2);
    const { min, max } = rangeOf(Float32Array.from({ length: 100000 }, uniform));
    expect(max).toBeGreaterThan(0.98);
    expect(min).toBeLessThan(-0.98);
  });

  it('is not led astray by the zeros behind a ReLU', () => {
    const positive = gaussian(50000, 3).map(Math.abs);
    const zeros = new Float32Array(450000);
    const both = new Float32Array(500000);
    both.set(positive);
    both.set(zeros, positive.length);
    expect(rangeOf(both)).toEqual({ ...rangeOf(positive), min: 0 });
  });

  it('treats data and their mirror image alike', () => {
    const data = gaussian(30000, 4).map((x) => (x > 0 ? x * x : x));
    const [there, back] = [rangeOf(data), rangeOf(data.map((x) => -x))];
    // A bin edge belongs to the bin above it, which mirroring moves to the other side of the edge.
    expect(back.max).toBeCloseTo(-there.min, 2);
    expect(back.min).toBeCloseTo(-there.max, 2);
  });

  it('never returns more than the data span', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1, maxLength: 50 }),
        fc.constantFrom(2, 4, 8),
        (data, bits) => {
          const { min, max } = rangeOf(data, bits);
          expect(min).toBeGreaterThanOrEqual(Math.min(...data));
          expect(max).toBeLessThanOrEqual(Math.max(...data));
          expect(min).toBeLessThanOrEqual(max);
        },
      ),
      { seed: 9, numRuns: 300 },
    );
  });

  it('keeps zeros and single values, and has no range before the first element', () => {
    expect(rangeOf(new Float32Array(5))).toEqual({ min: 0, max: 0 });
    expect(rangeOf(Float32Array.of(-3, -3))).toEqual({ min: -3, max: -3 });
    expect(() => new EntropyObserver(8).range()).toThrow(NothingObservedError);
  });
});
