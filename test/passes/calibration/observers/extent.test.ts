import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extentOf } from '../../../../src/passes/calibration/observers/extent.js';
import { NonFiniteError } from '../../../../src/passes/calibration/observers/observer.js';

const finite = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1, maxLength: 23 });

describe('extentOf', () => {
  it('is the smallest and the largest element, at every length', () => {
    fc.assert(
      fc.property(finite, fc.nat(5), (data, skip) => {
        const part = data.subarray(Math.min(skip, data.length - 1));
        expect(extentOf(part)).toEqual({ min: Math.min(...part) + 0, max: Math.max(...part) + 0 });
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('is undefined without elements', () => {
    expect(extentOf(new Float32Array(0))).toBeUndefined();
  });

  it('counts -0 as 0', () => {
    expect(extentOf(Float32Array.of(-0))).toStrictEqual({ min: 0, max: 0 });
  });

  it('names the first element that is not finite, wherever it is', () => {
    fc.assert(
      fc.property(finite, fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity), (data, seed, bad) => {
        const index = seed % data.length;
        data[index] = bad;
        if (seed % 3 === 0) data[data.length - 1] = NaN;
        const at = data.findIndex((value) => Math.abs(value) === Infinity || Number.isNaN(value));
        let thrown: unknown;
        try {
          extentOf(data);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(NonFiniteError);
        expect(thrown).toMatchObject({ index: at, value: data[at] });
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});
