import { describe, expect, it } from 'vitest';
import { averagePool, globalAveragePool, globalMaxPool, lpPool, maxPool } from '../../../src/ir/ops/pool.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer } from '../../support/run-operator.js';

const x = { shape: ['N', 3, 7, 6] };
const line = (size: number): { shape: (string | number)[] }[] => [{ shape: [1, 1, size] }];

describe('shapes of pools', () => {
  inferenceTable(maxPool, [
    { title: 'stride 1 by default', inputs: [x], attrs: { kernel_shape: [2, 3] }, gives: ['N', 3, 6, 4] },
    {
      title: 'values and indices',
      inputs: [x],
      attrs: { kernel_shape: [2, 2], strides: [2, 2] },
      outputs: 2,
      gives: [
        ['N', 3, 3, 3],
        ['N', 3, 3, 3],
      ],
    },
    {
      title: 'ceil_mode',
      inputs: [x],
      attrs: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 },
      gives: ['N', 3, 4, 3],
    },
    {
      title: 'ceil_mode without a window that starts behind the data',
      inputs: line(6),
      attrs: { kernel_shape: [2], strides: [3], pads: [0, 1], ceil_mode: 1 },
      gives: [1, 1, 2],
    },
    {
      title: 'ceil_mode with data shorter than the window',
      inputs: line(2),
      attrs: { kernel_shape: [3], strides: [2], ceil_mode: 1 },
      gives: [1, 1, 1],
    },
    {
      title: 'ceil_mode under VALID',
      inputs: line(5),
      attrs: { kernel_shape: [2], strides: [2], ceil_mode: 1, auto_pad: 'VALID' },
      gives: [1, 1, 3],
    },
    {
      title: 'pads shorter than the dilated window',
      inputs: line(5),
      attrs: { kernel_shape: [2], dilations: [3], pads: [3, 3] },
      gives: [1, 1, 8],
    },
    {
      title: 'symbolic spatial sizes',
      inputs: [{ shape: [1, 'C', 'H', 'W'] }],
      attrs: { kernel_shape: [3, 2], pads: [1, 0, 1, 0] },
      gives: [1, 'C', 'H', '?1'],
    },
    {
      title: 'bytes',
      inputs: [{ ...x, dtype: 'uint8' }],
      attrs: { kernel_shape: [7, 6] },
      gives: ['N', 3, 1, 1],
    },
    { title: 'no kernel_shape', inputs: [x], fault: ['invalid-attribute', 'kernel_shape of MaxPool is missing'] },
    {
      title: 'an empty kernel_shape',
      inputs: [x],
      attrs: { kernel_shape: [] },
      fault: ['invalid-attribute', 'kernel_shape of MaxPool is empty, 2 sizes are accepted'],
    },
    {
      title: 'a kernel_shape of another rank',
      inputs: [x],
      attrs: { kernel_shape: [2] },
      fault: ['invalid-attribute', 'kernel_shape of MaxPool has 1 entries, 2 are accepted'],
    },
    {
      title: 'a pad as long as the window',
      inputs: [x],
      attrs: { kernel_shape: [2, 2], pads: [0, 0, 2, 0] },
      fault: ['invalid-attribute', "a pad of MaxPool on spatial axis 0 is 2, less than the window's length 2"],
    },
    {
      title: 'a window longer than the data',
      inputs: [x],
      attrs: { kernel_shape: [8, 1] },
      fault: ['shape-mismatch', '8 long, does not fit into spatial axis 0, 7 long'],
    },
    {
      title: 'nothing to pool',
      inputs: [{ shape: [1, 1, 0] }],
      attrs: { kernel_shape: [2], pads: [1, 1] },
      fault: ['shape-mismatch', 'MaxPool of 1x1x0 has no elements to pool'],
    },
    {
      title: 'four spatial axes',
      inputs: [{ shape: [1, 1, 2, 2, 2, 2] }],
      attrs: { kernel_shape: [1, 1, 1, 1] },
      fault: ['shape-mismatch', 'rank 6'],
    },
    {
      title: 'int32',
      inputs: [{ ...x, dtype: 'int32' }],
      attrs: { kernel_shape: [1, 1] },
      fault: ['unsupported-type', 'MaxPool of int32'],
    },
  ]);

  it('MaxPool: gives indices of int64', () => {
    const results = infer(maxPool, [{ ...x, dtype: 'int8' }], { kernel_shape: [1, 1] }, 2);
    expect(results.map(({ type }) => type.dtype)).toEqual(['int8', 'int64']);
  });

  inferenceTable(averagePool, [
    {
      title: 'SAME_UPPER',
      inputs: [x],
      attrs: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' },
      gives: ['N', 3, 4, 3],
    },
    {
      title: 'bytes',
      inputs: [{ ...x, dtype: 'int8' }],
      attrs: { kernel_shape: [1, 1] },
      fault: ['unsupported-type', 'AveragePool of int8'],
    },
    {
      title: 'an odd count_include_pad',
      inputs: [x],
      attrs: { kernel_shape: [1, 1], count_include_pad: 2 },
      fault: ['unsupported-attribute', 'accepted: 0, 1'],
    },
  ]);

  inferenceTable(lpPool, [
    { title: 'one axis', inputs: line(5), attrs: { kernel_shape: [2], p: 3 }, gives: [1, 1, 4] },
    {
      title: 'p = 0',
      inputs: line(5),
      attrs: { kernel_shape: [2], p: 0 },
      fault: ['invalid-attribute', 'p of LpPool is 0'],
    },
  ]);

  for (const spec of [globalAveragePool, globalMaxPool]) {
    inferenceTable(spec, [
      { title: 'keeps its axes', inputs: [{ shape: ['N', 'C', 'H', 5] }], gives: ['N', 'C', 1, 1] },
      { title: 'four spatial axes', inputs: [{ shape: [1, 2, 3, 4, 5, 6] }], gives: [1, 2, 1, 1, 1, 1] },
      { title: 'rank 2', inputs: [{ shape: [1, 2] }], fault: ['shape-mismatch', 'rank 2, accepted: 3 and above'] },
      { title: 'nothing to pool', inputs: [{ shape: [1, 2, 0] }], fault: ['shape-mismatch', 'no elements to pool'] },
    ]);
  }
});
