import { rewriteRowsAsConv } from '../../../../src/backends/tinpu/legalise/rewrite-rows-as-conv.js';
import { INT8_FEEDS, integers } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const NAMED = '"fc" @[1 "fc" "MatMul"]';
const rows = (weight: string, features: number, columns: number): string => `graph "g"
  input %x: int8[N,5,${features}]
  const %flat: int64[2] = [-1, ${features}]
  const %back: int64[3] = [-1, 5, ${columns}]
  const %w: ${weight}
  const %bias: int32[${columns}] = ${integers(9, columns, 900)}
  const %one: int32[1] = [1]
  const %shift: int32[1] = [4]
  %f = Reshape(%x, %flat)
  %sum = q.MatMul(%f, %w) ${NAMED}
  %r: int8[M,${columns}]<0.5 s8> = q.Bnorm(%sum, %bias, %one, %shift) {lo = -128, hi = 127} ${NAMED}
  %y = Reshape(%r, %back)
  output "y" = %y`;

describeRule(
  rewriteRowsAsConv('strict'),
  {
    rewrites: [
      {
        // The filter of output m is column m of the weights.
        name: 'five rows of four features as a map of five rows',
        before: rows('int8[4,4] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]', 4, 4),
        after: `graph "g"
          input %x: int8[N,5,4]
          const %flat: int64[2] = [-1, 4]
          const %split: int64[4] = [-1, 5, 1, 4]
          const %w: int8[4,4,1,1] = [1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 4, 8, 12, 16]
          const %bias: int32[4] = *
          const %one: int32[1] = [1]
          const %shift: int32[1] = [4]
          const %joined: int64[2] = [-1, 4]
          const %back: int64[3] = [-1, 5, 4]
          %f: int8["?0",4] = Reshape(%x, %flat)
          %"r/rows": int8["r:0",5,1,4] = Reshape(%f, %split) "fc"
          %"r/rows_as_map": int8["r:0",4,5,1] = Transpose(%"r/rows") {perm = [0, 3, 1, 2]} "fc"
          %sum_1: int32["r:0",4,5,1] = q.Conv(%"r/rows_as_map", %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} ${NAMED}
          %"r/map": int8["r:0",4,5,1]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} ${NAMED}
          %"r/map_as_rows": int8["r:0",5,1,4]<0.5 s8> = Transpose(%"r/map") {perm = [0, 2, 3, 1]} "fc"
          %r: int8[M,4]<0.5 s8> = Reshape(%"r/map_as_rows", %joined) "fc"
          %y: int8["?1",5,4]<0.5 s8> = Reshape(%r, %back)
          output "y" = %y`,
        feeds: INT8_FEEDS,
      },
    ],
    refusals: [
      {
        name: 'a single row a sample',
        graph: `graph "g"
          input %x: int8[N,4]
          const %w: int8[4,4] = splat 1
          const %bias: int32[1] = [1]
          const %one: int32[1] = [1]
          const %shift: int32[1] = [4]
          %sum = q.MatMul(%x, %w)
          %y = q.Bnorm(%sum, %bias, %one, %shift) {lo = -128, hi = 127}
          output "y" = %y`,
        reason: 'a single row a sample',
      },
      {
        name: 'constants that the NPU takes in no form',
        graph: rows('int8[4,4] = splat 1', 4, 4).replace('%shift: int32[1] = [4]', '%shift: int32[1] = [40]'),
        reason: 'as a pointwise convolution it would not meet the rules either',
      },
    ],
  },
  TINPU_RULES,
);
