import { respellIdleWindow } from '../../../../src/backends/tinpu/legalise/respell-idle-window.js';
import {
  INT8_FEEDS,
  integers,
  requantisedConvolution,
  rewrittenConvolution,
} from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const respelled = (
  name: string,
  layer: { x: string; kernel: string; y: string; pads?: string },
  before: { strides?: string; dilations?: string },
  after: { strides?: string; dilations?: string },
) => {
  const { x, kernel, y, pads } = layer;
  const size = kernel.split(',').reduce((product, side) => product * Number(side), 16);
  const shared = {
    x,
    weight: `int8[4,4,${kernel}] = ${integers(4, size, 9)}`,
    y,
    ...(pads === undefined ? {} : { pads }),
  };
  return {
    name,
    before: requantisedConvolution({ ...shared, ...before }),
    after: rewrittenConvolution({ ...shared, ...after }),
    feeds: INT8_FEEDS,
  };
};

const refused = (name: string, text: Parameters<typeof requantisedConvolution>[0], reason: string) => ({
  name,
  graph: requantisedConvolution(text),
  reason,
});

describeRule(
  respellIdleWindow('strict'),
  {
    rewrites: [
      respelled(
        'a stride along a height of a single window → that of the width',
        { x: 'N,4,3,8', kernel: '3,3', y: 'N,4,1,3' },
        { strides: '[3, 2]' },
        { strides: '[2, 2]' },
      ),
      respelled(
        'a stride along a width of a single window → that of the height',
        { x: 'N,4,8,3', kernel: '3,3', y: 'N,4,3,1' },
        { strides: '[2, 5]' },
        { strides: '[2, 2]' },
      ),
      respelled(
        'single windows along both axes',
        { x: 'N,4,3,3', kernel: '3,3', y: 'N,4,1,1', pads: '[0, 0, 0, 0]' },
        { strides: '[7, 3]' },
        { strides: '[1, 1]' },
      ),
      respelled(
        // A second window would fit in at stride 1.
        'a stride that leaves the window single',
        { x: 'N,4,4,8', kernel: '3,3', y: 'N,4,1,3' },
        { strides: '[4, 2]' },
        { strides: '[2, 2]' },
      ),
      respelled(
        'a stride and a dilation at once',
        { x: 'N,4,1,8', kernel: '1,3', y: 'N,4,1,3' },
        { strides: '[3, 2]', dilations: '[5, 1]' },
        { strides: '[2, 2]' },
      ),
      respelled(
        'a dilation of a height of a single tap',
        { x: 'N,4,3,8', kernel: '1,3', y: 'N,4,3,6' },
        { dilations: '[3, 1]' },
        {},
      ),
      respelled(
        'a dilation of a width of a single tap',
        { x: 'N,4,8,3', kernel: '3,1', y: 'N,4,6,3' },
        { dilations: '[1, 2]' },
        {},
      ),
    ],
    refusals: [
      refused(
        'a stride of 3 with several windows both ways',
        { x: 'N,4,9,9', weight: 'int8[4,4,3,3] = splat 1', y: 'N,4,7,3', strides: '[1, 3]' },
        'no equal form meets the rules: stride (1, 3)',
      ),
      refused(
        'a single window that strides of the NPU would make two',
        { x: 'N,4,8,5', weight: 'int8[4,4,3,3] = splat 1', y: 'N,4,6,1', strides: '[1, 3]' },
        'no equal form meets the rules: stride (1, 3)',
      ),
      refused(
        'a dilation of several taps',
        { x: 'N,4,8,3', weight: 'int8[4,4,3,1] = splat 1', y: 'N,4,4,3', dilations: '[2, 2]' },
        'no equal form meets the rules: dilation (2, 2)',
      ),
      refused(
        'strides that the NPU takes',
        { x: 'N,4,3,8', weight: 'int8[4,4,3,3] = splat 1', y: 'N,4,1,3', strides: '[2, 2]' },
        'the layer meets the rules',
      ),
    ],
  },
  TINPU_RULES,
);
