import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricMeter, rankOf } from '../../../src/backends/compare/metrics.js';
import type { Labels } from '../../../src/backends/compare/labels.js';

const labels = (elements: readonly number[], perSample = 1): Labels => ({ elements, perSample, stored: 'integers' });

describe('accuracy', () => {
  it('counts samples whose largest result is that of their class, over batches', () => {
    const meter = metricMeter('accuracy', labels([0, 1, 1]));
    meter.add([3, 1, 0, 2], undefined, 2);
    meter.add([5, 4], undefined, 1);
    expect(meter.value()).toBeCloseTo(2 / 3, 12);
    expect(meter.top5()).toBeNull();
  });

  it('counts a class among the five largest of more', () => {
    const meter = metricMeter('accuracy', labels([0, 5]));
    meter.add([1, 2, 3, 4, 5, 0, 6, 5, 4, 3, 2, 1], undefined, 2);
    expect([meter.value(), meter.top5()]).toEqual([0, 0.5]);
  });

  it('ranks equals in their order', () => {
    expect([0, 1, 2, 3].map((wanted) => rankOf([9, 2, 3, 3, 1], 1, 4, wanted))).toEqual([2, 0, 1, 3]);
  });
});

describe('the area under the curve', () => {
  it('is the share of pairs in which the anomalous sample scores more, a tie half', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.boolean()), { minLength: 2, maxLength: 30 }), (samples) => {
        const of = (anomalous: boolean): number[] => samples.filter(([, a]) => a === anomalous).map(([score]) => score);
        const pairs = of(true).flatMap((a) => of(false).map((n) => (a > n ? 1 : a === n ? 0.5 : 0)));
        const meter = metricMeter('auc', labels(samples.map(([, anomalous]) => Number(anomalous))));
        meter.add(
          samples.map(([score]) => score),
          undefined,
          samples.length,
        );
        const expected = pairs.length === 0 ? null : pairs.reduce((sum: number, x) => sum + x, 0) / pairs.length;
        if (expected === null) expect(meter.value()).toBeNull();
        else expect(meter.value()).toBeCloseTo(expected, 12);
      }),
      { seed: 17 },
    );
  });

  it('scores a reconstruction by its mean squared difference from the input', () => {
    const meter = metricMeter('auc', labels([0, 1]));
    // Errors of 1 and 4.
    meter.add([1, 2, 3, 4], [1, 1, 3, 2], 2);
    expect(meter.value()).toBe(1);
    const other = metricMeter('auc', labels([1, 0]));
    other.add([1, 2, 3, 4], [1, 1, 3, 2], 2);
    expect(other.value()).toBe(0);
  });

  it('is not defined for results that are no numbers', () => {
    const meter = metricMeter('auc', labels([0, 1]));
    meter.add([NaN, 1], undefined, 2);
    expect(meter.value()).toBeNull();
  });
});

describe('R²', () => {
  it('is 1 less the squares left by the squares about the mean', () => {
    const meter = metricMeter('r2', labels([1, 2, 3]));
    meter.add([1, 2], undefined, 2);
    meter.add([5], undefined, 1);
    expect(meter.value()).toBeCloseTo(1 - 4 / 2, 12);
  });

  it('is the mean over columns that vary', () => {
    const meter = metricMeter('r2', labels([1, 7, 3, 7, 5, 7], 2));
    meter.add([1, 0, 3, 0, 5, 0], undefined, 3);
    expect(meter.value()).toBe(1);
    const constant = metricMeter('r2', labels([7, 7]));
    constant.add([1, 2], undefined, 2);
    expect(constant.value()).toBeNull();
  });
});
