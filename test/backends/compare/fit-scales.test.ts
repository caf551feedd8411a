import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScaleFitter } from '../../../src/backends/compare/fit-scales.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { uniformSource } from '../../../src/ir/random.js';

const KEY = parseGraph('graph "g"\ninput %x: float32[1]\noutput "x" = %x\n', OPERATORS).inputs[0]!;

function fitted(real: readonly number[], scale: number, lo: number, hi: number, noise: readonly number[] = []): number {
  const fitter = new ScaleFitter();
  const integers = real.map((x, i) => Math.max(lo, Math.min(hi, Math.round((x + (noise[i] ?? 0)) / scale))));
  fitter.add(KEY, real, integers);
  return fitter.scaleOf(KEY, { lo, hi });
}

const uniform = (seed: number, amplitude: number): number[] => {
  const next = uniformSource(seed);
  return Array.from({ length: 4096 }, () => next() * amplitude);
};

describe('a scale that is fitted', () => {
  it('is the one that the integers were made with', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.nat(1000), (scale, seed) => {
        // 100 levels of either sign: the error of the mean of 4096 rounding errors is below 0.1 %.
        expect(fitted(uniform(seed, 100 * scale), scale, -128, 127) / scale).toBeCloseTo(1, 2.5);
      }),
      { seed: 11, numRuns: 30 },
    );
  });

  it('is found beside integers that saturate', () => {
    // Half of the elements lie beyond the range.
    expect(fitted(uniform(5, 2 * 127), 1, -128, 127)).toBeCloseTo(1, 2);
    expect(fitted(uniform(6, 2 * 255).map(Math.abs), 1, 0, 255)).toBeCloseTo(1, 2);
  });

  it('is not drawn to 0 by noise', () => {
    // Noise of 6 dB below the signal would make a fit of least squares 20 % smaller.
    expect(fitted(uniform(7, 50), 1, -128, 127, uniform(8, 25))).toBeCloseTo(1, 1.5);
  });

  it('is 1 for a tensor that says nothing', () => {
    expect(fitted([0, 0, 0], 1, -128, 127)).toBe(1);
    expect(new ScaleFitter().scaleOf(KEY, { lo: 0, hi: 255 })).toBe(1);
  });
});
