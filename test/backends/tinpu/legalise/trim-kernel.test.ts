import { trimKernel } from '../../../../src/backends/tinpu/legalise/trim-kernel.js';
import { INT8_FEEDS, requantisedConvolution, rewrittenConvolution } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const list = (rows: readonly (readonly number[])[]): string => `[${rows.flat().join(', ')}]`;
const SEVEN = [1, -2, 3, -4, 5, -6, 7];

describeRule(
  trimKernel('strict'),
  {
    rewrites: [
      {
        name: 'a column of zeros at either edge, with the padding it met',
        before: requantisedConvolution({
          x: 'N,1,3,10',
          weight: `int8[4,1,1,9] = ${list([1, 2, 3, 4].map((k) => [0, ...SEVEN.map((w) => w * k), 0]))}`,
          y: 'N,4,3,10',
          pads: '[0, 4, 0, 4]',
        }),
        after: rewrittenConvolution({
          x: 'N,1,3,10',
          weight: `int8[4,1,1,7] = ${list([1, 2, 3, 4].map((k) => SEVEN.map((w) => w * k)))}`,
          y: 'N,4,3,10',
          pads: '[0, 3, 0, 3]',
        }),
        feeds: INT8_FEEDS,
      },
      {
        // Two rows of zeros above, but padding for one of them: the other still moves the window.
        name: 'as many rows as there is padding for, and the ones below',
        before: requantisedConvolution({
          x: 'N,4,9,2',
          weight: `int8[4,4,9,1] = ${list(Array.from({ length: 16 }, (_, i) => [0, 0, i + 1, -2, 3, 0, -i, 9, 0]))}`,
          y: 'N,4,4,2',
          pads: '[1, 0, 2, 0]',
        }),
        after: rewrittenConvolution({
          x: 'N,4,9,2',
          weight: `int8[4,4,7,1] = ${list(Array.from({ length: 16 }, (_, i) => [0, i + 1, -2, 3, 0, -i, 9]))}`,
          y: 'N,4,4,2',
          pads: '[0, 0, 1, 0]',
        }),
        feeds: INT8_FEEDS,
      },
      {
        name: 'all of a row of zeros but one tap',
        before: requantisedConvolution({
          x: 'N,1,3,10',
          weight: 'int8[4,1,1,9] = splat 0',
          y: 'N,4,4,10',
          pads: '[0, 4, 1, 4]',
        }),
        after: rewrittenConvolution({
          x: 'N,1,3,10',
          weight: 'int8[4,1,1,5] = splat 0',
          y: 'N,4,4,10',
          pads: '[0, 4, 1, 0]',
        }),
        feeds: INT8_FEEDS,
      },
      {
        // A tap of dilation 2 met two rows of padding.
        name: 'taps further apart, until a single one is left',
        before: requantisedConvolution({
          x: 'N,4,3,2',
          weight: `int8[4,4,3,1] = ${list(Array.from({ length: 16 }, (_, i) => [0, i - 7, 0]))}`,
          y: 'N,4,5,2',
          pads: '[3, 0, 3, 0]',
          dilations: '[2, 1]',
        }),
        // Tap by tap; that a single tap has no dilation is for another rule to say.
        after: rewrittenConvolution({
          x: 'N,4,3,2',
          weight: `int8[4,4,1,1] = ${list(Array.from({ length: 16 }, (_, i) => [i - 7]))}`,
          y: 'N,4,5,2',
          pads: '[1, 0, 1, 0]',
          dilations: '[2, 1]',
        }),
        feeds: INT8_FEEDS,
      },
    ],
    refusals: [
      {
        name: 'zeros that meet no padding',
        graph: requantisedConvolution({
          x: 'N,1,3,12',
          weight: `int8[4,1,1,9] = ${list([1, 2, 3, 4].map(() => [0, ...SEVEN, 0]))}`,
          y: 'N,4,3,4',
        }),
        reason: 'no equal form meets the rules: kernel width 9, at most 8',
      },
      {
        name: 'a kernel that is short enough',
        graph: requantisedConvolution({
          x: 'N,1,3,10',
          weight: `int8[4,1,1,3] = ${list([1, 2, 3, 4].map((k) => [0, k, 0]))}`,
          y: 'N,4,3,10',
          pads: '[0, 1, 0, 1]',
        }),
        reason: 'the layer meets the rules',
      },
      {
        name: 'a layer that something else mends at less cost',
        graph: requantisedConvolution({
          x: 'N,4,1,6',
          weight: `int8[4,4,1,3] = ${list(Array.from({ length: 16 }, (_, i) => [0, i + 1, 2]))}`,
          y: 'N,4,1,5',
          pads: '[0, 1, 0, 0]',
          dilations: '[2, 1]',
        }),
        reason: 'respell-idle-window comes first',
      },
    ],
  },
  TINPU_RULES,
);
