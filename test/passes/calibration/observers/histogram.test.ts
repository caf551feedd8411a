import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BIN_COUNT, Histogram } from '../../../../src/passes/calibration/observers/histogram.js';
import { NonFiniteError } from '../../../../src/passes/calibration/observers/observer.js';

const finite = { noNaN: true, noDefaultInfinity: true } as const;
/** Values of any magnitude, of one magnitude, and with many zeros. */
const data = fc.oneof(
  fc.float32Array({ ...finite, minLength: 1, maxLength: 60 }),
  fc.float32Array({ ...finite, minLength: 1, maxLength: 60, min: -1, max: 1 }),
  fc
    .array(fc.constantFrom(0, 0, 1, 2.5, 6), { minLength: 1, maxLength: 60 })
    .map((values) => Float32Array.from(values)),
);

function histogramOf(...batches: readonly Float32Array[]): Histogram {
  const histogram = new Histogram();
  for (const batch of batches) histogram.add(batch);
  return histogram;
}

const gridOf = ({ width, origin, total, zeros, extent, counts }: Histogram): object => ({
  width,
  origin,
  total,
  zeros,
  extent,
  filled: [...counts.entries()].filter(([, count]) => count > 0),
});

describe('Histogram', () => {
  it('puts every value in the bin of its grid that holds it', () => {
    fc.assert(
      fc.property(data, (values) => {
        const { width, origin, counts, total, zeros } = histogramOf(values);
        const expected = new Map<number, number>();
        for (const value of values) {
          const bin = Math.floor(value / width) - origin;
          expected.set(bin, (expected.get(bin) ?? 0) + 1);
        }
        const filled = [...counts.entries()].filter(([, count]) => count > 0);
        expect(filled).toEqual([...expected].sort(([a], [b]) => a - b));
        expect(total).toBe(values.length);
        expect(zeros).toBe(values.filter((value) => value === 0).length);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it('depends neither on order nor on batches', () => {
    fc.assert(
      fc.property(data, fc.array(fc.nat(60), { maxLength: 5 }), fc.boolean(), (values, cuts, reversed) => {
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, values.length)).sort((a, b) => a - b), values.length];
        const shuffled = reversed ? values.slice().reverse() : values;
        const batches = bounds.slice(1).map((end, i) => shuffled.subarray(bounds[i], end));
        expect(gridOf(histogramOf(...batches))).toEqual(gridOf(histogramOf(values)));
      }),
      { seed: 4, numRuns: 1000 },
    );
  });

  it('spans the data with more than half of its bins', () => {
    fc.assert(
      fc.property(fc.float({ ...finite, min: -1000, max: -1 }), fc.float({ ...finite, min: 1, max: 1000 }), (a, b) => {
        const { width } = histogramOf(Float32Array.of(a, b));
        expect((b - a) / width).toBeGreaterThan(BIN_COUNT / 2 - 1);
        expect((b - a) / width).toBeLessThanOrEqual(BIN_COUNT);
      }),
      { seed: 5 },
    );
  });

  it.each([
    ['zeros only', [0, 0, 0]],
    ['one value', [3.7, 3.7]],
    ['the largest float32 numbers', [-3.4028234663852886e38, 3.4028234663852886e38]],
    ['the smallest ones', [1.401298464324817e-45, -1.401298464324817e-45]],
    ['neighbours', [16777215, 16777216]],
    ['sixty orders of magnitude', [1e-30, 1e30]],
  ])('counts %s', (_, values) => {
    const histogram = histogramOf(...values.map((value) => Float32Array.of(value)));
    expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(values.length);
    expect(histogram.extent).toEqual({
      min: Math.fround(Math.min(...values)),
      max: Math.fround(Math.max(...values)),
    });
  });

  it('takes zeros out of their bin only', () => {
    const histogram = histogramOf(Float32Array.of(-1, 0, 0, 1e-9, 1));
    const nonZero = histogram.nonZeroCounts();
    expect(nonZero.reduce((sum, count) => sum + count)).toBe(3);
    expect(histogram.counts[-histogram.origin]).toBe(3);
    expect(nonZero[-histogram.origin]).toBe(1);
  });

  it('stays as it was when a batch is not finite', () => {
    const histogram = histogramOf(Float32Array.of(1, 2));
    const before = gridOf(histogram);
    expect(() => histogram.add(Float32Array.of(5, NaN))).toThrow(NonFiniteError);
    expect(gridOf(histogram)).toEqual(before);
  });
});
