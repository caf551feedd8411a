import fc from 'fast-check';
import { expect, it } from 'vitest';
import { naturalLog } from '../../../../src/passes/calibration/observers/natural-log.js';

it('is the natural logarithm to a few units in the last place', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      // 4 units in the last place: the series, the two products and the sum each round; Math.log is within 1.
      expect(Math.abs(naturalLog(x) - Math.log(x))).toBeLessThanOrEqual(4 * Number.EPSILON * Math.abs(Math.log(x)));
    }),
    { seed: 7, numRuns: 5000 },
  );
});

it('is exact at 1 and at a power of two', () => {
  expect(naturalLog(1)).toBe(0);
  expect(naturalLog(1024)).toBe(10 * Math.LN2);
});
