import { foldStrideIntoChannels } from '../../../../src/backends/tinpu/legalise/fold-stride-into-channels.js';
import { INT8_FEEDS, requantisedConvolution } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const SPLIT = '"relu"';
/** Output channel o weighs row p of every window and channel with 10·p + o + 1: four rows of two columns, 4·4 kernels. */
const KERNELS = [1, 2, 3, 4].flatMap((o) =>
  Array.from({ length: 4 }, () => [0, 10, 20, 30].flatMap((row) => [row + o, -row - o])),
);
/** The same as two blocks of three rows: channel c·3 + p has row p of the first block, and row 3 or nothing of the second. */
const FOLDED = [1, 2, 3, 4].flatMap((o) =>
  Array.from({ length: 4 }, () => [
    [o, -o, o + 30, -o - 30],
    [o + 10, -o - 10, 0, 0],
    [o + 20, -o - 20, 0, 0],
  ]).flat(),
);

describeRule(
  foldStrideIntoChannels('strict'),
  {
    rewrites: [
      {
        // Windows start at rows -1, 2 and 5; the last ends at row 8 of 9.
        name: 'rows of a stride of 3, a kernel that is no multiple of it',
        before: requantisedConvolution({
          x: 'N,4,9,2',
          weight: `int8[4,4,4,2] = [${KERNELS.join(', ')}]`,
          y: 'N,4,3,1',
          strides: '[3, 1]',
          pads: '[1, 0, 0, 0]',
        }),
        after: `graph "g"
          input %x: int8[N,4,9,2]
          const %pads: int64[8] = [0, 0, 1, 0, 0, 0, 2, 0]
          const %split: int64[5] = [-1, 4, 4, 3, 2]
          const %folded: int64[4] = [-1, 12, 4, 2]
          const %w: int8[4,12,2,2] = [${FOLDED.join(', ')}]
          const %bias: int32[4] = *
          const %one: int32[1] = [1]
          const %shift: int32[1] = [5]
          %"y/rows_padded": int8[N,4,12,2] = Pad(%x, %pads) ${SPLIT}
          %"y/rows_split": int8[N,4,4,3,2] = Reshape(%"y/rows_padded", %split) ${SPLIT}
          %"y/rows_turned": int8[N,4,3,4,2] = Transpose(%"y/rows_split") {perm = [0, 1, 3, 2, 4]} ${SPLIT}
          %"y/rows_folded": int8[N,12,4,2] = Reshape(%"y/rows_turned", %folded) ${SPLIT}
          %sum_1: int32[N,4,3,1] = q.Conv(%"y/rows_folded", %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "conv" @[1 "conv" "Conv"]
          %y: int8[N,4,3,1]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} "relu" @[1 "conv" "Conv", 2 "relu" "Relu"]
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
      {
        name: 'whole blocks as they are, with the columns of the padding',
        before: requantisedConvolution({
          x: 'N,4,8,1',
          weight: 'int8[4,4,4,2] = splat 3',
          y: 'N,4,2,2',
          strides: '[4, 1]',
          pads: '[0, 1, 0, 1]',
        }),
        after: `graph "g"
          input %x: int8[N,4,8,1]
          const %split: int64[5] = [-1, 4, 2, 4, 1]
          const %folded: int64[4] = [-1, 16, 2, 1]
          const %w: int8[4,16,1,2] = splat 3
          const %bias: int32[4] = *
          const %one: int32[1] = [1]
          const %shift: int32[1] = [5]
          %"y/rows_split": int8[N,4,2,4,1] = Reshape(%x, %split) ${SPLIT}
          %"y/rows_turned": int8[N,4,4,2,1] = Transpose(%"y/rows_split") {perm = [0, 1, 3, 2, 4]} ${SPLIT}
          %"y/rows_folded": int8[N,16,2,1] = Reshape(%"y/rows_turned", %folded) ${SPLIT}
          %sum_1: int32[N,4,2,2] = q.Conv(%"y/rows_folded", %w) {strides = [1, 1], pads = [0, 1, 0, 1], dilations = [1, 1], group = 1} "conv" @[1 "conv" "Conv"]
          %y: int8[N,4,2,2]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} "relu" @[1 "conv" "Conv", 2 "relu" "Relu"]
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
    ],
    refusals: [
      {
        name: 'a height that is not known',
        graph: requantisedConvolution({
          x: 'N,4,H,2',
          weight: 'int8[4,4,2,2] = splat 1',
          y: 'N,4,I,1',
          strides: '[3, 1]',
        }).replaceAll('N,4,I,1', 'N,4,"conv:0",1'),
        reason: 'no equal form meets the rules: stride (3, 1)',
      },
      {
        name: 'taps that are apart',
        graph: requantisedConvolution({
          x: 'N,4,9,2',
          weight: 'int8[4,4,2,2] = splat 1',
          y: 'N,4,3,1',
          strides: '[3, 1]',
          dilations: '[2, 1]',
        }),
        reason: 'dilation (2, 1)',
      },
      {
        name: 'a stride that the NPU takes',
        graph: requantisedConvolution({
          x: 'N,4,9,2',
          weight: 'int8[4,4,3,2] = splat 1',
          y: 'N,4,4,1',
          strides: '[2, 1]',
        }),
        reason: 'the layer meets the rules',
      },
    ],
  },
  TINPU_RULES,
);
