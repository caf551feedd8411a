import { rewriteSumAsGlobalPool } from '../../../src/passes/rules/rewrite-sum-as-global-pool.js';
import { describeRule } from '../../support/rules.js';

const twoRoundings = { relative: 1e-6, because: 'the sum and the product with 1 / 20 are each rounded' };

const refused = (name: string, body: string, reason: string, input = 'float32[N,3,4,5]') => ({
  name,
  graph: `graph "g"
    input %x: ${input}
    const %axes: int64[2] = [2, 3]
    %s = ReduceSum(%x, %axes)
    ${body}
    output "y" = %y`,
  reason,
});

describeRule(rewriteSumAsGlobalPool, {
  rewrites: [
    {
      name: 'divided by the area',
      before: `graph "g"
        input %x: float32[N,3,4,5]
        const %axes: int64[2] = [2, 3]
        const %area: float32[] = [20]
        %s = ReduceSum(%x, %axes) {keepdims = 0}
        %y = Div(%s, %area)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,5]
        %y_1 = GlobalAveragePool(%x)
        %y = Flatten(%y_1) {axis = 1}
        output "y" = %y`,
      exactness: twoRoundings,
    },
    {
      name: 'times the reciprocal of the area',
      before: `graph "g"
        input %x: float32[N,3,4,5]
        const %axes: int64[2] = [2, 3]
        const %share: float32[1,1,1] = [0.05]
        %s = ReduceSum(%x, %axes)
        %y = Mul(%share, %s)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,5]
        %y = GlobalAveragePool(%x)
        output "y" = %y`,
      exactness: twoRoundings,
    },
  ],
  refusals: [
    refused('another factor', 'const %f: float32[] = [0.06]\n%y = Mul(%s, %f)', 'is scaled to'),
    refused('a sum that divides', 'const %f: float32[] = [20]\n%y = Div(%f, %s)', 'the sum is the divisor'),
    refused(
      'factors of the channels',
      'const %f: float32[3,1,1] = [0.05, 0.05, 0.1]\n%y = Mul(%s, %f)',
      'not one number',
    ),
    refused('an unknown area', 'const %f: float32[] = [0.05]\n%y = Mul(%s, %f)', 'is not known', 'float32[N,3,4,W]'),
    refused(
      'a sum that others read',
      'const %f: float32[] = [0.05]\n%y = Mul(%s, %f)\noutput "s" = %s',
      'has other readers',
    ),
    refused('other axes', 'const %f: float32[] = [0.05]\n%y = Mul(%s, %f)', 'and them alone', 'float32[N,3,4,5,2]'),
  ],
});
