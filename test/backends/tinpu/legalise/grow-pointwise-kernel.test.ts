import { growPointwiseKernel } from '../../../../src/backends/tinpu/legalise/grow-pointwise-kernel.js';
import { INT8_FEEDS, requantisedConvolution, rewrittenConvolution } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

describeRule(
  growPointwiseKernel('strict'),
  {
    rewrites: [
      {
        name: 'a pointwise convolution of one channel',
        before: requantisedConvolution({
          x: 'N,1,3,2',
          weight: 'int8[4,1,1,1] = [3, -5, 7, 100]',
          y: 'N,4,3,2',
        }),
        after: rewrittenConvolution({
          x: 'N,1,3,2',
          weight: 'int8[4,1,2,1] = [3, 0, -5, 0, 7, 0, 100, 0]',
          y: 'N,4,3,2',
          pads: '[0, 0, 1, 0]',
        }),
        feeds: INT8_FEEDS,
      },
      {
        // (3 + 1 + 2 + 1 - 2) / 2 + 1 rows with the tap, (3 + 1 + 2 - 1) / 2 + 1 without, rounded down: 3 both.
        name: 'one with strides and padding, whose dilation says nothing',
        before: requantisedConvolution({
          x: 'N,4,3,5',
          weight: 'int8[4,4,1,1] = [1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12, 13, -14, 15, -16]',
          y: 'N,4,3,3',
          strides: '[2, 2]',
          pads: '[1, 0, 2, 0]',
        }),
        after: rewrittenConvolution({
          x: 'N,4,3,5',
          weight:
            'int8[4,4,2,1] = [1, 0, -2, 0, 3, 0, -4, 0, 5, 0, -6, 0, 7, 0, -8, 0, 9, 0, -10, 0, 11, 0, -12, 0, 13, 0, -14, 0, 15, 0, -16, 0]',
          y: 'N,4,3,3',
          strides: '[2, 2]',
          pads: '[1, 0, 3, 0]',
        }),
        feeds: INT8_FEEDS,
      },
    ],
    refusals: [
      {
        name: 'a sum that something else reads',
        graph: `${requantisedConvolution({ x: 'N,1,3,2', weight: 'int8[4,1,1,1] = [3, -5, 7, 100]', y: 'N,4,3,2' })}
          output "sum" = %sum`,
        reason: "'sum' has other readers",
      },
      {
        name: 'a pointwise convolution that the NPU takes',
        graph: requantisedConvolution({
          x: 'N,4,3,2',
          weight: 'int8[4,4,1,1] = splat 2',
          y: 'N,4,3,2',
        }),
        reason: 'the layer meets the rules',
      },
      {
        name: 'a stride that no kernel may have',
        graph: requantisedConvolution({
          x: 'N,4,3,W',
          weight: 'int8[4,4,1,1] = splat 2',
          y: 'N,4,3,V',
          strides: '[1, 3]',
        }),
        reason: 'no equal form meets the rules: stride (1, 3)',
      },
    ],
  },
  TINPU_RULES,
);
