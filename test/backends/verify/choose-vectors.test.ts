import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseVectors, type SampleTraits } from '../../../src/backends/verify/choose-vectors.js';

const traits = (saturated: readonly number[], ...outputs: readonly number[]): SampleTraits => ({
  saturated: new Set(saturated),
  outputs,
});

describe('chooseVectors', () => {
  it('takes the sample that adds most saturations first, the earlier of two', () => {
    const all = [traits([1], 0), traits([1, 2], 0), traits([2, 1], 0), traits([3], 0)];
    expect(chooseVectors(all, 1)).toEqual([1]);
    expect(chooseVectors(all, 2)).toEqual([1, 3]);
  });

  it('then takes samples whose outputs are farthest from those chosen', () => {
    const all = [traits([], 0), traits([9], 1), traits([], 10), traits([], 6), traits([], 11)];
    expect(chooseVectors(all, 2)).toEqual([1, 4]);
    expect(chooseVectors(all, 3)).toEqual([1, 3, 4]);
  });

  it('shows every saturation that any sample shows, when it may take as many', () => {
    const sample = fc.record({
      saturated: fc.array(fc.nat(12)),
      outputs: fc.array(fc.integer(), { minLength: 2, maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 14 }), (list, count) => {
        const all = list.map(({ saturated, outputs }) => traits(saturated, ...outputs));
        const chosen = chooseVectors(all, count);
        expect(new Set(chosen).size).toBe(Math.min(count, all.length));
        expect(chosen).toEqual(chosen.toSorted((a, b) => a - b));
        expect(chooseVectors(all, count)).toEqual(chosen);
        const shown = (indices: readonly number[]): number =>
          new Set(indices.flatMap((i) => [...all[i]!.saturated])).size;
        if (count >= all.length) expect(shown(chosen)).toBe(shown([...all.keys()]));
      }),
      { seed: 8 },
    );
  });
});
