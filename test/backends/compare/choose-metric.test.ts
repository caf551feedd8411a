import { describe, expect, it } from 'vitest';
import { chooseMetric, type MetricName, type SampleSizes } from '../../../src/backends/compare/choose-metric.js';
import type { Labels } from '../../../src/backends/compare/labels.js';

const whole = (...elements: number[]): Labels => ({ elements, perSample: 1, stored: 'integers' });
const real = (...elements: number[]): Labels => ({ elements, perSample: 1, stored: 'floats' });

describe('labels and output', () => {
  it.each<[string, Labels, SampleSizes, MetricName]>([
    ['classes', whole(0, 3, 1), { output: 4, input: 64 }, 'accuracy'],
    ['classes of a text file', real(0, 3, 1), { output: 4, input: 64 }, 'accuracy'],
    ['two classes', whole(0, 1), { output: 2, input: 64 }, 'accuracy'],
    ['two classes of two inputs', whole(0, 1), { output: 2, input: 2 }, 'accuracy'],
    ['anomalies, a reconstruction', whole(0, 1), { output: 140, input: 140 }, 'auc'],
    ['anomalies, a score', whole(0, 1), { output: 1, input: 140 }, 'auc'],
    ['real numbers', real(0.5, 2), { output: 1, input: 5 }, 'r2'],
    ['real numbers that are 0 and 1', real(0, 1), { output: 1, input: 5 }, 'r2'],
    ['counts', whole(17, 4), { output: 1, input: 5 }, 'r2'],
    [
      'several real numbers',
      { elements: [1.5, 2, 3, 4], perSample: 2, stored: 'floats' },
      { output: 2, input: 5 },
      'r2',
    ],
  ])('%s', (_, labels, sizes, metric) => {
    expect(chooseMetric(labels, sizes)).toBe(metric);
  });

  it('may be measured by another metric', () => {
    expect(chooseMetric(whole(0, 1), { output: 140, input: 140 }, 'accuracy')).toBe('accuracy');
    expect(chooseMetric(whole(0, 1), { output: 1, input: 5 }, 'r2')).toBe('r2');
  });

  it.each<[Labels, SampleSizes, MetricName | undefined, string]>([
    [whole(0, 4), { output: 4, input: 9 }, undefined, 'a label is 4, accepted: classes 0 to 3'],
    [whole(0, 1), { output: 1, input: 9 }, 'accuracy', 'accuracy needs a result of at least 2 classes'],
    [whole(0, 2), { output: 9, input: 9 }, 'auc', 'the area under the curve needs one label for each sample, 0'],
    [whole(0, 0), { output: 9, input: 9 }, 'auc', 'needs samples of both labels'],
    [whole(0, 1), { output: 3, input: 9 }, 'auc', 'needs a result as wide as the input (9)'],
    [whole(0, 1), { output: 3, input: undefined }, 'auc', 'needs a result as wide as the input (several inputs)'],
    [real(0.5, 1), { output: 3, input: 9 }, undefined, 'R² needs as many labels as results'],
  ])('%j is refused for %j by %s', (labels, sizes, metric, message) => {
    expect(() => chooseMetric(labels, sizes, metric)).toThrow(message);
  });
});
