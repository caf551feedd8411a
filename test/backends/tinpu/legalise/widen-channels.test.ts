import { widenChannels } from '../../../../src/backends/tinpu/legalise/widen-channels.js';
import { INT8_FEEDS, integers, requantisedConvolution } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const PLAIN = 'strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]';
const NAMED = '"conv" @[1 "conv" "Conv"]';
const BOTH = '"relu" @[1 "conv" "Conv", 2 "relu" "Relu"]';

describeRule(
  widenChannels('strict'),
  {
    rewrites: [
      {
        name: 'input and output channels, the shift of each channel among them',
        before: `graph "g"
          input %x: int8[N,3,2,1]
          const %w: int8[2,3,2,1] = [1, 2, 3, 4, 5, 6, -7, -8, -9, -10, -11, -12]
          const %bias: int32[2] = [50, -60]
          const %one: int32[2] = [1, 1]
          const %shift: int32[2] = [4, 5]
          %sum: int32[N,2,1,1] = q.Conv(%x, %w) {${PLAIN}, group = 1} ${NAMED}
          %y: int8[N,2,1,1]<0.5 s8> = q.Bnorm(%sum, %bias, %one, %shift) {lo = -128, hi = 127} ${BOTH}
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,3,2,1]
          const %behind: int64[8] = [0, 0, 0, 0, 0, 1, 0, 0]
          const %w: int8[4,4,2,1] = [1, 2, 3, 4, 5, 6, 0, 0, -7, -8, -9, -10, -11, -12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
          const %bias: int32[4] = [50, -60, 0, 0]
          const %one: int32[4] = [1, 1, 1, 1]
          const %shift: int32[4] = [4, 5, 0, 0]
          const %from: int64[1] = [0]
          const %to: int64[1] = [2]
          const %axis: int64[1] = [1]
          %"y/input_padded": int8[N,4,2,1] = Pad(%x, %behind) "relu"
          %sum_1: int32[N,4,1,1] = q.Conv(%"y/input_padded", %w) {${PLAIN}, group = 1} ${NAMED}
          %"y/widened": int8[N,4,1,1]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} ${BOTH}
          %y: int8[N,2,1,1]<0.5 s8> = Slice(%"y/widened", %from, %to, %axis) ${BOTH}
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
      {
        name: 'output channels alone behind one input channel, which FCONV takes',
        before: requantisedConvolution({
          x: 'N,1,3,2',
          weight: 'int8[3,1,2,1] = [10, 20, 30, -40, -50, 60]',
          y: 'N,3,2,2',
        }),
        after: `graph "g"
          input %x: int8[N,1,3,2]
          const %w: int8[4,1,2,1] = [10, 20, 30, -40, -50, 60, 0, 0]
          const %bias: int32[4] = *
          const %one: int32[1] = [1]
          const %shift: int32[1] = [5]
          const %from: int64[1] = [0]
          const %to: int64[1] = [3]
          const %axis: int64[1] = [1]
          %sum_1: int32[N,4,2,2] = q.Conv(%x, %w) {${PLAIN}, group = 1} ${NAMED}
          %"y/widened": int8[N,4,2,2]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} ${BOTH}
          %y: int8[N,3,2,2]<0.5 s8> = Slice(%"y/widened", %from, %to, %axis) ${BOTH}
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
      {
        name: 'input channels alone, out of the wider tensor that the input is a part of',
        before: `graph "g"
          input %x: int8[N,4,3,1]
          const %w: int8[4,3,2,1] = ${integers(4, 24, 9)}
          const %bias: int32[4] = [50, -60, 70, -80]
          const %one: int32[1] = [1]
          const %shift: int32[1] = [4]
          const %from: int64[1] = [0]
          const %to: int64[1] = [3]
          const %axis: int64[1] = [1]
          %part = Slice(%x, %from, %to, %axis)
          %sum: int32[N,4,2,1] = q.Conv(%part, %w) {${PLAIN}, group = 1} ${NAMED}
          %y: int8[N,4,2,1]<0.5 s8> = q.Bnorm(%sum, %bias, %one, %shift) {lo = -128, hi = 127} ${BOTH}
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,4,3,1]
          const %w: int8[4,4,2,1] = *
          const %bias: int32[4] = [50, -60, 70, -80]
          const %one: int32[1] = [1]
          const %shift: int32[1] = [4]
          %sum_1: int32[N,4,2,1] = q.Conv(%x, %w) {${PLAIN}, group = 1} ${NAMED}
          %y: int8[N,4,2,1]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} ${BOTH}
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
      {
        name: 'the groups of a depthwise convolution with its channels',
        before: requantisedConvolution({
          x: 'N,3,2,2',
          weight: 'int8[3,1,2,1] = [10, 20, 30, -40, -50, 60]',
          y: 'N,3,1,2',
          group: 3,
        }),
        after: `graph "g"
          input %x: int8[N,3,2,2]
          const %behind: int64[8] = [0, 0, 0, 0, 0, 1, 0, 0]
          const %w: int8[4,1,2,1] = [10, 20, 30, -40, -50, 60, 0, 0]
          const %bias: int32[4] = *
          const %one: int32[1] = [1]
          const %shift: int32[1] = [5]
          const %from: int64[1] = [0]
          const %to: int64[1] = [3]
          const %axis: int64[1] = [1]
          %"y/input_padded": int8[N,4,2,2] = Pad(%x, %behind) "relu"
          %sum_1: int32[N,4,1,2] = q.Conv(%"y/input_padded", %w) {${PLAIN}, group = 4} ${NAMED}
          %"y/widened": int8[N,4,1,2]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} ${BOTH}
          %y: int8[N,3,1,2]<0.5 s8> = Slice(%"y/widened", %from, %to, %axis) ${BOTH}
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
      {
        // All its weights are 1 also in the channel that nothing reads.
        name: 'a pool of windows behind a wider tensor',
        before: `graph "g"
          input %x: int8[N,4,2,2]
          const %w: int2[3,1,2,2] = splat 1
          const %bias: int32[1] = [2]
          const %one: int32[1] = [1]
          const %shift: int32[1] = [2]
          const %from: int64[1] = [0]
          const %to: int64[1] = [3]
          const %axis: int64[1] = [1]
          %part = Slice(%x, %from, %to, %axis)
          %sum: int32[N,3,1,1] = q.Conv(%part, %w) {${PLAIN}, group = 3} "pool" @[1 "pool" "AveragePool"]
          %y: int8[N,3,1,1]<0.5 s8> = q.Bnorm(%sum, %bias, %one, %shift) {lo = -128, hi = 127} "pool" @[1 "pool" "AveragePool"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,4,2,2]
          const %w: int2[4,1,2,2] = splat 1
          const %bias: int32[1] = [2]
          const %one: int32[1] = [1]
          const %shift: int32[1] = [2]
          const %from: int64[1] = [0]
          const %to: int64[1] = [3]
          const %axis: int64[1] = [1]
          %sum_1: int32[N,4,1,1] = q.Conv(%x, %w) {${PLAIN}, group = 4} "pool" @[1 "pool" "AveragePool"]
          %"y/widened": int8[N,4,1,1]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} "pool" @[1 "pool" "AveragePool"]
          %y: int8[N,3,1,1]<0.5 s8> = Slice(%"y/widened", %from, %to, %axis) "pool" @[1 "pool" "AveragePool"]
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
    ],
    refusals: [
      {
        name: 'a pool of windows for whose sake its input would be copied',
        graph: `graph "g"
          input %x: int8[N,3,2,2]
          const %w: int2[3,1,2,2] = splat 1
          const %bias: int32[1] = [2]
          const %one: int32[1] = [1]
          const %shift: int32[1] = [2]
          %sum: int32[N,3,1,1] = q.Conv(%x, %w) {${PLAIN}, group = 3} "pool" @[1 "pool" "AveragePool"]
          %y: int8[N,3,1,1]<0.5 s8> = q.Bnorm(%sum, %bias, %one, %shift) {lo = -128, hi = 127} "pool" @[1 "pool" "AveragePool"]
          output "y" = %y`,
        reason: 'a copy with more channels costs as much as the pool',
      },
      {
        name: 'groups of several channels',
        graph: requantisedConvolution({ x: 'N,6,4,4', weight: 'int8[4,3,2,2] = splat 2', y: 'N,4,3,3', group: 2 }),
        reason: 'no equal form meets the rules: grouped convolution',
      },
      {
        name: 'multiples of 4',
        graph: requantisedConvolution({ x: 'N,8,4,4', weight: 'int8[4,8,2,2] = splat 2', y: 'N,4,3,3' }),
        reason: 'the layer meets the rules',
      },
    ],
  },
  TINPU_RULES,
);
