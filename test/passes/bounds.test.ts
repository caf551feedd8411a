import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeBounds, type Bounds } from '../../src/passes/bounds.js';

/** Clip of the ONNX operator text: an upper bound below the lower one wins. */
const clip = (x: number, { lo, hi }: Bounds): number => Math.min(hi, Math.max(x, lo));

const level = fc.constantFrom(-Infinity, -3, -1, 0, 0.5, 1, 3, Infinity);
const bounds = fc.record({ lo: level, hi: level });

describe('composeBounds', () => {
  it('does what the two do one after the other, also when one is empty', () => {
    fc.assert(
      fc.property(bounds, bounds, fc.constantFrom(-4, -2, -0.25, 0.25, 0.75, 2, 4), (first, second, x) => {
        fc.pre(first.lo < Infinity && first.hi > -Infinity && second.lo < Infinity && second.hi > -Infinity);
        expect(clip(x, composeBounds(first, second))).toBe(clip(clip(x, first), second));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('gives intervals that are not empty', () => {
    expect(composeBounds({ lo: 3, hi: 1 }, { lo: -Infinity, hi: Infinity })).toEqual({ lo: 1, hi: 1 });
  });

  it('takes the largest float32 for no bound', () => {
    const largest = 3.4028234663852886e38;
    expect(composeBounds({ lo: -largest, hi: largest }, { lo: -Infinity, hi: 6 })).toEqual({ lo: -Infinity, hi: 6 });
  });
});
