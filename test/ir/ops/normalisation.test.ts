import { describe, expect, it } from 'vitest';
import {
  batchNormalization,
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  lrn,
  meanVarianceNormalization,
} from '../../../src/ir/ops/normalisation.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer } from '../../support/run-operator.js';

const x = { shape: ['N', 4, 6, 5] };
const four = { shape: [4] };

describe('shapes of normalisations', () => {
  inferenceTable(batchNormalization, [
    { title: 'keeps the shape', inputs: [x, four, four, four, four], gives: ['N', 4, 6, 5] },
    { title: 'two axes', inputs: [{ shape: ['N', 4] }, four, four, four, four], gives: ['N', 4] },
    {
      title: 'one axis',
      inputs: [{ shape: ['N'] }, { shape: [1] }, { shape: [1] }, { shape: [1] }, { shape: [1] }],
      gives: ['N'],
    },
    {
      title: 'statistics of another float type',
      inputs: [{ ...x, dtype: 'float16' }, four, four, { ...four, dtype: 'float64' }, four],
      gives: ['N', 4, 6, 5],
    },
    {
      title: 'a variance of another length',
      inputs: [x, four, four, four, { shape: [3] }],
      fault: ['shape-mismatch', 'the variance of BatchNormalization has shape 3, accepted: 4'],
    },
    {
      title: 'training',
      inputs: [x, four, four, four, four],
      attrs: { training_mode: 1 },
      outputs: 3,
      fault: ['unsupported-attribute', 'training_mode of BatchNormalization is 1, accepted: 0'],
    },
    {
      title: 'results of training',
      inputs: [x, four, four, four, four],
      outputs: 2,
      fault: ['invalid-output', 'only training gives more than 1'],
    },
    { title: 'a scalar', inputs: [{ shape: [] }, four, four, four, four], fault: ['shape-mismatch', 'rank 0'] },
    {
      title: 'integer statistics',
      inputs: [x, four, four, { ...four, dtype: 'int32' }, four],
      fault: ['unsupported-type', 'input 3 of BatchNormalization is int32'],
    },
  ]);

  inferenceTable(instanceNormalization, [
    { title: 'keeps the shape', inputs: [x, four, four], gives: ['N', 4, 6, 5] },
    { title: 'rank 2', inputs: [{ shape: [2, 4] }, four, four], fault: ['shape-mismatch', 'accepted: 3 and above'] },
    { title: 'a scale of another length', inputs: [x, { shape: [1] }, four], fault: ['shape-mismatch', 'the scale'] },
    {
      title: 'a bias of another type',
      inputs: [x, four, { ...four, dtype: 'float64' }],
      fault: ['unsupported-type', 'input 2 of InstanceNormalization is float64'],
    },
  ]);

  inferenceTable(groupNormalization, [
    { title: 'keeps the shape', inputs: [x, four, four], attrs: { num_groups: 2 }, gives: ['N', 4, 6, 5] },
    {
      title: 'groups that do not divide',
      inputs: [x, four, four],
      attrs: { num_groups: 3 },
      fault: ['invalid-attribute', 'num_groups of GroupNormalization is 3, divisors of its 4 channels'],
    },
    { title: 'no groups', inputs: [x, four, four], attrs: { num_groups: 0 }, fault: ['invalid-attribute', 'is 0'] },
  ]);

  inferenceTable(layerNormalization, [
    {
      title: 'the last axis',
      inputs: [x, { shape: [5] }, { shape: [5] }],
      outputs: 3,
      gives: [
        ['N', 4, 6, 5],
        ['N', 4, 6, 1],
        ['N', 4, 6, 1],
      ],
    },
    {
      title: 'a negative axis',
      inputs: [x, { shape: [4, 6, 5] }],
      attrs: { axis: -3 },
      outputs: 2,
      gives: [
        ['N', 4, 6, 5],
        ['N', 1, 1, 1],
      ],
    },
    { title: 'an axis out of range', inputs: [x, four], attrs: { axis: 4 }, fault: ['invalid-attribute', '-4 to 3'] },
    {
      title: 'a bias that does not broadcast',
      inputs: [x, { shape: [5] }, { shape: [6] }],
      fault: ['shape-mismatch', 'the bias of LayerNormalization has shape 6'],
    },
    {
      title: 'a scale of more axes',
      inputs: [{ shape: [5] }, { shape: [1, 5] }],
      fault: ['shape-mismatch', 'the scale of LayerNormalization has shape 1x5'],
    },
  ]);

  it('LayerNormalization: gives statistics of float32', () => {
    const results = infer(
      layerNormalization,
      [
        { shape: [2, 3], dtype: 'float16' },
        { shape: [3], dtype: 'float16' },
      ],
      {},
      3,
    );
    expect(results.map(({ type }) => type.dtype)).toEqual(['float16', 'float32', 'float32']);
  });

  inferenceTable(lrn, [
    { title: 'keeps the shape', inputs: [x], attrs: { size: 3 }, gives: ['N', 4, 6, 5] },
    { title: 'size 0', inputs: [x], attrs: { size: 0 }, fault: ['invalid-attribute', 'size of LRN is 0'] },
    { title: 'no size', inputs: [x], fault: ['invalid-attribute', 'size of LRN is missing'] },
  ]);

  inferenceTable(meanVarianceNormalization, [
    { title: 'keeps the shape', inputs: [x], gives: ['N', 4, 6, 5] },
    { title: 'default axes that are not there', inputs: [{ shape: [2, 3] }], fault: ['invalid-attribute', 'is 2'] },
  ]);
});
