import { describe, expect, it } from 'vitest';
import { OutputMeasure } from '../../../src/backends/compare/output-measure.js';

describe('the agreement of an output', () => {
  it('is that of all batches together', () => {
    const measure = new OutputMeasure();
    measure.add([3, 4], [3, 3], 1);
    measure.add([0, 5], [0, 5], 1);
    // Signal 9 + 16 + 25, noise 1.
    expect(measure.agreement.sqnrDb).toBeCloseTo(10 * Math.log10(50), 12);
    expect(measure.agreement.cosine).toBeCloseTo(46 / Math.sqrt(50 * 43), 12);
    // In the first sample, 3 and 3 are equal: the first of them counts as the largest.
    expect(measure.agreement).toMatchObject({ elements: 4, maxAbsDiff: 1, top1Agreement: 0.5, top5Agreement: null });
  });

  it('looks for the largest float result among the five largest of more', () => {
    const measure = new OutputMeasure();
    measure.add([6, 5, 4, 3, 2, 1], [2, 6, 5, 4, 3, 1], 1);
    measure.add([6, 5, 4, 3, 2, 1], [0, 6, 5, 4, 3, 1], 1);
    expect(measure.agreement).toMatchObject({ top1Agreement: 0, top5Agreement: 0.5 });
  });

  it('has no top class for one result, and no cosine for none', () => {
    const measure = new OutputMeasure();
    measure.add([0, 0], [0, 0], 2);
    expect(measure.agreement).toMatchObject({ sqnrDb: Infinity, top1Agreement: null, top5Agreement: null });
    expect(measure.agreement.cosine).toBeNaN();
  });
});
