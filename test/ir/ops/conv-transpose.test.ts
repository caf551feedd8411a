import { describe } from 'vitest';
import { convTranspose } from '../../../src/ir/ops/conv-transpose.js';
import { inferenceTable } from '../../support/inference-table.js';

const x = { shape: ['N', 4, 3, 5] };
const w = { shape: [4, 2, 3, 3] };
const line = [{ shape: [1, 1, 3] }, { shape: [1, 1, 3] }];

describe('shapes of transposed convolutions', () => {
  inferenceTable(convTranspose, [
    { title: 'defaults', inputs: [x, w], gives: ['N', 2, 5, 7] },
    { title: 'groups', inputs: [x, w, { shape: [4] }], attrs: { group: 2 }, gives: ['N', 4, 5, 7] },
    {
      title: 'strides, dilations, pads and output padding',
      inputs: [x, w],
      attrs: { strides: [2, 3], dilations: [1, 2], pads: [1, 0, 0, 2], output_padding: [1, 2] },
      gives: ['N', 2, 7, 17],
    },
    { title: 'SAME_UPPER', inputs: line, attrs: { auto_pad: 'SAME_UPPER', strides: [2] }, gives: [1, 1, 6] },
    { title: 'VALID', inputs: line, attrs: { auto_pad: 'VALID', strides: [2] }, gives: [1, 1, 7] },
    { title: 'output_shape', inputs: line, attrs: { output_shape: [4], strides: [2] }, gives: [1, 1, 4] },
    {
      title: 'an output_shape less than a stride above the full size',
      inputs: line,
      attrs: { output_shape: [8], strides: [2] },
      gives: [1, 1, 8],
    },
    { title: 'symbolic spatial sizes', inputs: [{ shape: ['N', 4, 'H', 5] }, w], gives: ['N', 2, '?1', 7] },
    {
      title: 'symbolic spatial sizes under output_shape',
      inputs: [{ shape: ['N', 4, 'H', 5] }, w],
      attrs: { output_shape: [9, 7] },
      gives: ['N', 2, 9, 7],
    },
    {
      title: 'symbolic filters',
      inputs: [{ shape: [1, 4, 3] }, { shape: [4, 'M', 3] }],
      attrs: { group: 2 },
      gives: [1, '?1', 5],
    },
    {
      title: 'channels that do not fit',
      inputs: [{ shape: [1, 3, 3, 5] }, w],
      fault: ['shape-mismatch', '3 channels of data, but its weights 4x2x3x3 take 4'],
    },
    {
      title: 'channels that do not divide',
      inputs: [x, w],
      attrs: { group: 3 },
      fault: ['shape-mismatch', 'the 4 channels of ConvTranspose do not divide into 3 groups'],
    },
    {
      title: 'a bias of another length',
      inputs: [x, w, { shape: [4] }],
      fault: ['shape-mismatch', 'accepted: 2'],
    },
    {
      title: 'output padding of a stride',
      inputs: line,
      attrs: { strides: [2], output_padding: [2] },
      fault: ['invalid-attribute', 'output_padding of ConvTranspose is 2 on spatial axis 0'],
    },
    {
      title: 'an output_shape out of reach',
      inputs: line,
      attrs: { output_shape: [9], strides: [2] },
      fault: ['unsupported-attribute', 'to give 9 elements along spatial axis 0, but its window reaches only 7'],
    },
    {
      title: 'an output_shape with batch and channels',
      inputs: line,
      attrs: { output_shape: [1, 1, 6] },
      fault: ['invalid-attribute', 'output_shape of ConvTranspose has 3 entries, 1 are accepted'],
    },
    {
      title: 'SAME with a stride beyond the kernel',
      inputs: line,
      attrs: { auto_pad: 'SAME_LOWER', strides: [4] },
      fault: ['unsupported-attribute', 'to give 12 elements'],
    },
    {
      title: 'pads that leave nothing',
      inputs: line,
      attrs: { pads: [3, 2] },
      fault: ['shape-mismatch', 'leave 0 of 5 elements'],
    },
  ]);
});
