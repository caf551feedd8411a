import { describe, expect, it } from 'vitest';
import { tensorSamples } from '../../../src/passes/calibration/fit-samples.js';
import { concatSamples } from '../../../src/passes/calibration/samples.js';
import { collect, counting, dimsOf, elementsOf, inputOf } from '../../support/samples.js';

describe('concatSamples', () => {
  const free = [inputOf('x', ['N', 2])];
  const fixed = [inputOf('x', [4, 2])];

  it('fills batches across the seams', async () => {
    const source = concatSamples([tensorSamples(free, counting([3, 2])), tensorSamples(free, counting([4, 2], 6))]);
    expect(source.count).toBe(7);
    expect(source.description).toBe('3 samples from the data; 4 samples from the data');
    const batches = await collect(source, 5);
    expect(dimsOf(batches, 'x')).toEqual([
      [5, 2],
      [2, 2],
    ]);
    expect(elementsOf(batches, 'x')).toEqual(Array.from({ length: 14 }, (_, i) => i));
  });

  it('keeps the batches of a model that fixes them', async () => {
    const source = concatSamples([tensorSamples(fixed, counting([4, 2])), tensorSamples(fixed, counting([8, 2]))]);
    expect(source.fixedBatch).toBe(4);
    expect(dimsOf(await collect(source, 16), 'x')).toEqual([
      [4, 2],
      [4, 2],
      [4, 2],
    ]);
  });

  it('does not know the count when one of the sources does not', () => {
    const known = tensorSamples(free, counting([3, 2]));
    expect(concatSamples([known, { ...known, count: undefined }]).count).toBeUndefined();
  });

  it.each([0, -1, 1.5, NaN])('refuses batches of %d', (size) => {
    expect(() => concatSamples([]).batches(size)).toThrow(RangeError);
    expect(() => tensorSamples(free, counting([3, 2])).batches(size)).toThrow(RangeError);
  });
});
