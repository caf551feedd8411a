import { absorbSliceIntoMatmul } from '../../../../src/backends/tinpu/legalise/absorb-slice-into-matmul.js';
import { INT8_FEEDS } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const FIRST_3 = `const %from: int64[1] = [0]
  const %to: int64[1] = [3]
  const %axis: int64[1] = [1]`;
const WEIGHT = 'const %w: int8[6,2] = [1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12]';

const before = (flatten: string): string => `graph "g"
  input %x: int8[N,4,2,1]
  ${FIRST_3}
  const %shape: int64[2] = [-1, 6]
  ${WEIGHT}
  %part = Slice(%x, %from, %to, %axis)
  %f: int8[N,6] = ${flatten} "flat" @[1 "flat" "Flatten"]
  %y = q.MatMul(%f, %w) "fc" @[2 "fc" "Gemm"]
  output "y" = %y`;

const AFTER = `graph "g"
  input %x: int8[N,4,2,1]
  const %w: int8[8,2] = [1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12, 0, 0, 0, 0]
  %"f/widened": int8[N,8] = Flatten(%x) {axis = 1} "flat" @[1 "flat" "Flatten"]
  %y: int32[N,2] = q.MatMul(%"f/widened", %w) "fc" @[2 "fc" "Gemm"]
  output "y" = %y`;

describeRule(
  absorbSliceIntoMatmul,
  {
    rewrites: [
      {
        name: 'channels that a Flatten lines up',
        before: before('Flatten(%part) {axis = 1}'),
        after: AFTER,
        feeds: INT8_FEEDS,
      },
      {
        name: 'channels that a Reshape lines up',
        before: before('Reshape(%part, %shape)'),
        after: AFTER,
        feeds: INT8_FEEDS,
      },
      {
        name: 'features that a Slice takes from others',
        before: `graph "g"
          input %x: int8[N,5]
          ${FIRST_3}
          const %w: int8[3,2] = [1, 2, 3, 4, 5, 6]
          %part = Slice(%x, %from, %to, %axis)
          %y = q.MatMul(%part, %w) "fc" @[2 "fc" "Gemm"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,5]
          const %w: int8[5,2] = [1, 2, 3, 4, 5, 6, 0, 0, 0, 0]
          %y: int32[N,2] = q.MatMul(%x, %w) "fc" @[2 "fc" "Gemm"]
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
    ],
    refusals: [
      {
        name: 'features that nothing cut',
        graph: `graph "g"
          input %x: int8[N,3,2,1]
          ${WEIGHT}
          %f = Flatten(%x) {axis = 1}
          %y = q.MatMul(%f, %w)
          output "y" = %y`,
        reason: 'the features are no first channels of a wider tensor',
      },
      {
        name: 'rows of channels',
        graph: `graph "g"
          input %x: int8[N,4,2]
          ${FIRST_3}
          const %w: int8[2,2] = splat 1
          const %rows: int64[2] = [-1, 2]
          %part = Slice(%x, %from, %to, %axis)
          %f = Reshape(%part, %rows)
          %y = q.MatMul(%f, %w)
          output "y" = %y`,
        reason: 'the features of a sample are spread over rows',
      },
      {
        name: 'the first samples of a batch',
        graph: `graph "g"
          input %x: int8[N,4]
          const %from: int64[1] = [0]
          const %to: int64[1] = [3]
          const %axis: int64[1] = [0]
          const %w: int8[4,2] = splat 1
          %part: int8[M,4] = Slice(%x, %from, %to, %axis)
          %y = q.MatMul(%part, %w)
          output "y" = %y`,
        reason: 'the features are no first channels of a wider tensor',
      },
    ],
  },
  TINPU_RULES,
);
