import { describe, expect, it } from 'vitest';
import { conv, convInteger } from '../../../src/ir/ops/conv.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer } from '../../support/run-operator.js';

const x = { shape: ['N', 3, 32, 24] };
const w = { shape: [8, 3, 3, 5] };

describe('shapes of convolutions', () => {
  inferenceTable(conv, [
    { title: 'defaults', inputs: [x, w], gives: ['N', 8, 30, 20] },
    { title: 'a bias', inputs: [x, w, { shape: [8] }], gives: ['N', 8, 30, 20] },
    { title: 'one spatial axis', inputs: [{ shape: [2, 3, 9] }, { shape: [4, 3, 9] }], gives: [2, 4, 1] },
    {
      title: 'three spatial axes',
      inputs: [{ shape: [2, 1, 4, 5, 6] }, { shape: [4, 1, 2, 3, 4] }],
      gives: [2, 4, 3, 3, 3],
    },
    {
      title: 'pads, strides, dilations',
      inputs: [x, w],
      attrs: { pads: [1, 2, 3, 4], strides: [2, 3], dilations: [3, 1] },
      gives: ['N', 8, 15, 9],
    },
    { title: 'groups', inputs: [{ shape: [1, 6, 5] }, { shape: [4, 3, 1] }], attrs: { group: 2 }, gives: [1, 4, 5] },
    {
      title: 'SAME_UPPER',
      inputs: [x, w],
      attrs: { auto_pad: 'SAME_UPPER', strides: [3, 5] },
      gives: ['N', 8, 11, 5],
    },
    { title: 'VALID', inputs: [x, w], attrs: { auto_pad: 'VALID', pads: [0, 0, 0, 0] }, gives: ['N', 8, 30, 20] },
    {
      title: 'empty lists as defaults',
      inputs: [x, w],
      attrs: { strides: [], kernel_shape: [] },
      gives: ['N', 8, 30, 20],
    },
    {
      title: 'padding longer than the kernel',
      inputs: [{ shape: [1, 1, 2] }, { shape: [1, 1, 2] }],
      attrs: { pads: [3, 3] },
      gives: [1, 1, 7],
    },
    {
      title: 'a batch of nothing',
      inputs: [{ shape: [0, 3, 8] }, { shape: [4, 3, 2] }],
      gives: [0, 4, 7],
    },
    {
      title: 'symbolic spatial sizes',
      inputs: [{ shape: ['N', 3, 'H', 'W'] }, w],
      attrs: { pads: [1, 1, 1, 1] },
      gives: ['N', 8, 'H', '?1'],
    },
    {
      title: 'symbolic sizes that SAME keeps or divides',
      inputs: [{ shape: ['N', 3, 'H', 'W'] }, w],
      attrs: { auto_pad: 'SAME_LOWER', strides: [1, 2] },
      gives: ['N', 8, 'H', '?1'],
    },
    {
      title: 'symbolic weights named by kernel_shape',
      inputs: [x, { shape: ['M', 3, 'kh', 'kw'] }],
      attrs: { kernel_shape: [3, 5] },
      gives: ['N', 'M', 30, 20],
    },
    { title: 'symbolic weights', inputs: [x, { shape: ['M', 'C', 'kh', 5] }], gives: ['N', 'M', '?1', 20] },
    {
      title: 'channels that do not fit',
      inputs: [{ shape: [1, 4, 8, 8] }, w],
      fault: ['shape-mismatch', '4 channels of data, but its weights 8x3x3x5 take 3'],
    },
    {
      title: 'channels that do not fit the groups',
      inputs: [{ shape: [1, 4, 8] }, { shape: [4, 3, 1] }],
      attrs: { group: 2 },
      fault: ['shape-mismatch', '3 for each of 2 groups'],
    },
    {
      title: 'filters that do not divide',
      inputs: [{ shape: [1, 4, 8] }, { shape: [3, 2, 1] }],
      attrs: { group: 2 },
      fault: ['shape-mismatch', 'the 3 filters of Conv do not divide into 2 groups'],
    },
    { title: 'group 0', inputs: [x, w], attrs: { group: 0 }, fault: ['invalid-attribute', 'group of Conv is 0'] },
    {
      title: 'kernel_shape against the weights',
      inputs: [x, w],
      attrs: { kernel_shape: [3, 3] },
      fault: ['shape-mismatch', 'kernel_shape of Conv is 3, 3, but the weights are 8x3x3x5'],
    },
    {
      title: 'an empty kernel',
      inputs: [x, { shape: [8, 3, 0, 1] }],
      fault: ['shape-mismatch', 'the kernel is empty'],
    },
    {
      title: 'ranks that differ',
      inputs: [x, { shape: [8, 3, 3] }],
      fault: ['shape-mismatch', 'rank 3 and the data rank 4'],
    },
    { title: 'rank 2', inputs: [{ shape: [1, 3] }, { shape: [8, 3] }], fault: ['shape-mismatch', 'accepted: 3 to 5'] },
    {
      title: 'a bias of another length',
      inputs: [x, w, { shape: [3] }],
      fault: ['shape-mismatch', 'the bias of Conv has shape 3, accepted: 8'],
    },
    {
      title: 'a window that does not fit',
      inputs: [{ shape: [1, 3, 2, 24] }, w],
      fault: ['shape-mismatch', 'the window of Conv, 3 long, does not fit into spatial axis 0, 2 long'],
    },
    {
      title: 'a dilated window that does not fit the padded data',
      inputs: [{ shape: [1, 3, 32, 2] }, w],
      attrs: { dilations: [1, 2], pads: [0, 1, 0, 1] },
      fault: ['shape-mismatch', '5 long with dilation 2, does not fit into spatial axis 1, 2 long padded by 1 and 1'],
    },
    {
      title: 'too few pads',
      inputs: [x, w],
      attrs: { pads: [1, 1] },
      fault: ['invalid-attribute', 'pads of Conv has 2 entries, 4 are accepted'],
    },
    {
      title: 'a negative pad',
      inputs: [x, w],
      attrs: { pads: [0, -1, 0, 0] },
      fault: ['invalid-attribute', 'holds -1'],
    },
    {
      title: 'stride 0',
      inputs: [x, w],
      attrs: { strides: [0, 1] },
      fault: ['invalid-attribute', 'strides of Conv holds 0'],
    },
    {
      title: 'a huge dilation',
      inputs: [x, w],
      attrs: { dilations: [2 ** 31, 1] },
      fault: ['invalid-attribute', 'accepted: 1 to 2147483647'],
    },
    {
      title: 'pads beside auto_pad',
      inputs: [x, w],
      attrs: { auto_pad: 'SAME_UPPER', pads: [1, 1, 1, 1] },
      fault: ['invalid-attribute', 'pads 1, 1, 1, 1 and auto_pad SAME_UPPER'],
    },
    {
      title: 'an unknown auto_pad',
      inputs: [x, w],
      attrs: { auto_pad: 'SAME' },
      fault: ['unsupported-attribute', 'NOTSET, SAME_UPPER, SAME_LOWER, VALID'],
    },
    { title: 'integers', inputs: [{ ...x, dtype: 'int8' }, w], fault: ['unsupported-type', 'Conv of int8'] },
    {
      title: 'mixed types',
      inputs: [x, { ...w, dtype: 'float64' }],
      fault: ['unsupported-type', 'input 1 of Conv is float64, float32 is accepted'],
    },
  ]);

  const bytes = { shape: [1, 2, 4, 4], dtype: 'uint8' as const };
  const filters = { shape: [3, 2, 2, 2], dtype: 'int8' as const };
  const scalar = { shape: [], dtype: 'uint8' as const };
  inferenceTable(convInteger, [
    { title: 'bytes', inputs: [bytes, filters], gives: [1, 3, 3, 3] },
    {
      title: 'zero points',
      inputs: [bytes, filters, scalar, { shape: [3], dtype: 'int8' }],
      gives: [1, 3, 3, 3],
    },
    {
      title: 'a zero point of another type',
      inputs: [bytes, filters, { shape: [], dtype: 'int8' }],
      fault: ['unsupported-type', 'input 2 of ConvInteger is int8'],
    },
    {
      title: 'zero points of the data in a list',
      inputs: [bytes, filters, { shape: [2], dtype: 'uint8' }],
      fault: ['shape-mismatch', "zero point of ConvInteger's data has shape 2"],
    },
    {
      title: 'too many zero points of the weights',
      inputs: [bytes, filters, scalar, { shape: [4], dtype: 'int8' }],
      fault: ['shape-mismatch', 'zero point of the weights of ConvInteger has shape 4, accepted: 3'],
    },
    { title: 'floats', inputs: [x, w], fault: ['unsupported-type', 'accepted: int8, uint8'] },
    {
      title: 'float weights',
      inputs: [bytes, { shape: [3, 2, 2, 2] }],
      fault: ['unsupported-type', 'input 1 of ConvInteger is float32'],
    },
  ]);

  it('ConvInteger: gives int32', () => {
    expect(infer(convInteger, [bytes, filters])[0]?.type.dtype).toBe('int32');
  });
});
