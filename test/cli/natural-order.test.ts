import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNaturally } from '../../src/cli/natural-order.js';

describe('compareNaturally', () => {
  it('sorts numbers by value', () => {
    const sorted = ['a', 'a1', 'a1b', 'a2', 'a010', 'a10', 'a10b2', 'a10b12', 'b', 'input_0.pb', 'input_10.pb'];
    expect(sorted.toReversed().sort(compareNaturally)).toEqual(sorted);
    const sets = ['test_data_set_2', 'test_data_set_10', 'test_data_set_1'];
    expect(sets.sort(compareNaturally)).toEqual(['test_data_set_1', 'test_data_set_2', 'test_data_set_10']);
  });

  it('compares numbers longer than any integer type', () => {
    expect(compareNaturally('x99999999999999999999998', 'x99999999999999999999999')).toBeLessThan(0);
    expect(compareNaturally('x100000000000000000000000', 'x99999999999999999999999')).toBeGreaterThan(0);
  });

  it('is a total order that tells different names apart', () => {
    const name = fc.string({ unit: fc.constantFrom('0', '1', '2', 'a', 'b', '.'), maxLength: 6 });
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNaturally(a, b))).toBe(-Math.sign(compareNaturally(b, a)) + 0);
        expect(compareNaturally(a, b) === 0).toBe(a === b);
        if (compareNaturally(a, b) <= 0 && compareNaturally(b, c) <= 0) {
          expect(compareNaturally(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { seed: 12, numRuns: 5000 },
    );
  });
});
