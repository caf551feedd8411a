import { widenGlobalPool, widenMaxPool } from '../../../../src/backends/tinpu/legalise/widen-pool.js';
import { INT8_FEEDS } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const slice = (channels: number, from = 0, axis = 1): string => `const %from: int64[1] = [${from}]
  const %to: int64[1] = [${channels}]
  const %axis: int64[1] = [${axis}]`;

const maxPool = (x: string, part: string, kernel = '[2, 2]'): string => `graph "g"
  input %x: int8[${x}]
  ${part}
  %part = Slice(%x, %from, %to, %axis)
  %y = MaxPool(%part) {kernel_shape = ${kernel}, strides = [2, 1]} "max" @[1 "max" "MaxPool"]
  output "y" = %y`;

describeRule(
  widenMaxPool('strict'),
  {
    rewrites: [
      {
        name: 'the first 6 of 8 channels',
        before: maxPool('N,8,4,4', slice(6)),
        after: `graph "g"
          input %x: int8[N,8,4,4]
          const %from: int64[1] = [0]
          const %to: int64[1] = [6]
          const %axis: int64[1] = [1]
          %"y/widened": int8[N,8,2,3] = MaxPool(%x) {kernel_shape = [2, 2], strides = [2, 1]} "max" @[1 "max" "MaxPool"]
          %y: int8[N,6,2,3] = Slice(%"y/widened", %from, %to, %axis) "max" @[1 "max" "MaxPool"]
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
    ],
    refusals: [
      {
        name: 'channels that are a multiple of 4 as they are',
        graph: maxPool('N,8,4,4', slice(4)),
        reason: 'the pool meets the rules',
      },
      {
        name: 'a wider tensor whose channels are none either',
        graph: maxPool('N,7,4,4', slice(6)),
        reason: 'more channels are not all it lacks: 7 input channels',
      },
      {
        name: 'a window that is too large for any number of channels',
        graph: maxPool('N,8,6,4', slice(6), '[5, 2]'),
        reason: 'more channels are not all it lacks: kernel 5x2',
      },
      {
        name: 'channels from the middle',
        graph: maxPool('N,8,4,4', slice(7, 1)),
        reason: 'the pool reads no first channels of a wider tensor',
      },
      {
        name: 'first rows',
        graph: maxPool('N,6,8,4', slice(6, 0, 2)),
        reason: 'the pool reads no first channels of a wider tensor',
      },
      {
        name: 'every other channel',
        graph: `graph "g"
          input %x: int8[N,12,4,4]
          ${slice(12)}
          const %steps: int64[1] = [2]
          %part = Slice(%x, %from, %to, %axis, %steps)
          %y = MaxPool(%part) {kernel_shape = [2, 2]}
          output "y" = %y`,
        reason: 'the pool reads no first channels of a wider tensor',
      },
      {
        name: 'a tensor that is all there is',
        graph: `graph "g"
          input %x: int8[N,6,4,4]
          %y = MaxPool(%x) {kernel_shape = [2, 2]}
          output "y" = %y`,
        reason: 'the pool reads no first channels of a wider tensor',
      },
    ],
  },
  TINPU_RULES,
);

const NAMED = '"gap" @[1 "gap" "GlobalAveragePool"]';

describeRule(
  widenGlobalPool('strict'),
  {
    rewrites: [
      {
        // The sum of a channel that nothing reads may saturate.
        name: 'the first 3 of 4 channels, with a shift each and one scale for all',
        before: `graph "g"
          input %x: int8[N,4,3,4]
          ${slice(3)}
          const %bias: int32[3] = [4, 8, -5]
          const %scale: int32[1] = [1]
          const %shift: int32[3] = [3, 4, 5]
          %part = Slice(%x, %from, %to, %axis)
          %sum = q.GlobalSum(%part) ${NAMED}
          %y: int8[N,3,1,1]<0.5 s8> = q.Bnorm(%sum, %bias, %scale, %shift) {lo = -128, hi = 127} ${NAMED}
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,4,3,4]
          const %bias: int32[4] = [4, 8, -5, 0]
          const %scale: int32[1] = [1]
          const %shift: int32[4] = [3, 4, 5, 0]
          const %from: int64[1] = [0]
          const %to: int64[1] = [3]
          const %axis: int64[1] = [1]
          %sum_1: int32[N,4,1,1] = q.GlobalSum(%x) ${NAMED}
          %"y/widened": int8[N,4,1,1]<0.5 s8> = q.Bnorm(%sum_1, %bias, %scale, %shift) {lo = -128, hi = 127} ${NAMED}
          %y: int8[N,3,1,1]<0.5 s8> = Slice(%"y/widened", %from, %to, %axis) ${NAMED}
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
      {
        name: 'a scale each',
        before: `graph "g"
          input %x: int8[N,8,2,2]
          ${slice(6)}
          const %bias: int32[1] = [4]
          const %scale: int32[6] = [1, 2, 3, 4, 5, 6]
          const %shift: int32[1] = [3]
          %part = Slice(%x, %from, %to, %axis)
          %sum = q.GlobalSum(%part) ${NAMED}
          %y: int8[N,6,1,1]<0.5 s8> = q.Bnorm(%sum, %bias, %scale, %shift) {lo = -128, hi = 127} ${NAMED}
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,8,2,2]
          const %bias: int32[1] = [4]
          const %scale: int32[8] = [1, 2, 3, 4, 5, 6, 1, 1]
          const %shift: int32[1] = [3]
          const %from: int64[1] = [0]
          const %to: int64[1] = [6]
          const %axis: int64[1] = [1]
          %sum_1: int32[N,8,1,1] = q.GlobalSum(%x) ${NAMED}
          %"y/widened": int8[N,8,1,1]<0.5 s8> = q.Bnorm(%sum_1, %bias, %scale, %shift) {lo = -128, hi = 127} ${NAMED}
          %y: int8[N,6,1,1]<0.5 s8> = Slice(%"y/widened", %from, %to, %axis) ${NAMED}
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
    ],
    refusals: [
      {
        name: 'a map of two elements, which the NPU does not average',
        graph: `graph "g"
          input %x: int8[N,4,2,1]
          ${slice(3)}
          const %bias: int32[1] = [4]
          const %scale: int32[1] = [1]
          const %shift: int32[1] = [3]
          %part = Slice(%x, %from, %to, %axis)
          %sum = q.GlobalSum(%part)
          %y = q.Bnorm(%sum, %bias, %scale, %shift) {lo = -128, hi = 127}
          output "y" = %y`,
        reason: 'more channels are not all it lacks: 2 elements averaged',
      },
    ],
  },
  TINPU_RULES,
);
