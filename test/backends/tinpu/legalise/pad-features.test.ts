import { padFeatures } from '../../../../src/backends/tinpu/legalise/pad-features.js';
import { INT8_FEEDS, integers } from '../../../support/requantised-convolution.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const NAMED = '"fc" @[1 "fc" "Gemm"]';
const product = (x: string, weight: string, columns: number): string => `graph "g"
  input %x: int8[${x}]
  const %w: ${weight}
  const %bias: int32[${columns}] = ${integers(9, columns, 900)}
  const %one: int32[1] = [1]
  const %shift: int32[1] = [4]
  %sum = q.MatMul(%x, %w) ${NAMED}
  %y: int8[N,${columns}]<0.5 s8> = q.Bnorm(%sum, %bias, %one, %shift) {lo = -128, hi = 127} ${NAMED}
  output "y" = %y`;

const padded = (name: string, bits: 8 | 4 | 2, features: number, all: number) => ({
  name,
  before: product(`N,${features}`, `int${bits}[${features},2] = ${integers(4, features * 2, 1)}`, 2),
  after: `graph "g"
    input %x: int8[N,${features}]
    const %behind: int64[4] = [0, 0, 0, ${all - features}]
    const %w: int${bits}[${all},2] = ${integers(4, features * 2, 1).slice(0, -1)}${', 0'.repeat((all - features) * 2)}]
    const %bias: int32[2] = *
    const %one: int32[1] = [1]
    const %shift: int32[1] = [4]
    %"y/input_padded": int8[N,${all}] = Pad(%x, %behind) "fc"
    %sum_1: int32[N,2] = q.MatMul(%"y/input_padded", %w) ${NAMED}
    %y: int8[N,2]<0.5 s8> = q.Bnorm(%sum_1, %bias, %one, %shift) {lo = -128, hi = 127} ${NAMED}
    output "y" = %y`,
  feeds: INT8_FEEDS,
});

describeRule(
  padFeatures('strict'),
  {
    rewrites: [
      padded('15 features of 8-bit weights to 16', 8, 15, 16),
      padded('5 features of 4-bit weights to 8', 4, 5, 8),
      padded('7 features of 2-bit weights to 8', 2, 7, 8),
    ],
    refusals: [
      {
        name: 'a sum that something else reads',
        graph: `${product('N,5', 'int4[5,2] = splat 1', 2)}\noutput "sum" = %sum`,
        reason: "'sum' has other readers",
      },
      {
        name: '16 features of 8-bit weights',
        graph: product('N,16', 'int8[16,2] = splat 1', 2),
        reason: 'the layer has features enough',
      },
      {
        name: '8 features of 4-bit weights',
        graph: product('N,8', 'int4[8,2] = splat 1', 2),
        reason: 'the layer has features enough',
      },
      {
        name: 'several rows a sample',
        graph: `graph "g"
          input %x: int8[N,3,4]
          const %rows: int64[2] = [-1, 4]
          const %back: int64[3] = [-1, 3, 2]
          const %w: int8[4,2] = splat 1
          const %bias: int32[2] = [1, 2]
          const %one: int32[1] = [1]
          const %shift: int32[1] = [4]
          %f = Reshape(%x, %rows)
          %sum = q.MatMul(%f, %w)
          %r = q.Bnorm(%sum, %bias, %one, %shift) {lo = -128, hi = 127}
          %y = Reshape(%r, %back)
          output "y" = %y`,
        reason: 'more features are not all it lacks: 3 rows a sample',
      },
    ],
  },
  TINPU_RULES,
);
