import { rewriteSumAsAdd } from '../../../src/passes/rules/rewrite-sum-as-add.js';
import { describeRule } from '../../support/rules.js';

const order = { relative: 1e-6, because: 'each partial sum is rounded' };

describeRule(rewriteSumAsAdd, {
  rewrites: [
    {
      name: 'Sum of two',
      before: `graph "g"
input %a: float32[N,3]
input %b: float32[3]
%y = Sum(%a, %b) "sum" @[0 "sum" "Sum"]
output "y" = %y`,
      after: `graph "g"
input %a: float32[N,3]
input %b: float32[3]
%y = Add(%a, %b) "sum" @[0 "sum" "Sum"]
output "y" = %y`,
    },
    {
      name: 'Sum of four that broadcast',
      before: `graph "g"
input %a: float32[3]
input %b: float32[2,1]
input %c: float32[N,1,1]
%y = Sum(%a, %b, %c, %a)
output "y" = %y`,
      after: `graph "g"
input %a: float32[3]
input %b: float32[2,1]
input %c: float32[N,1,1]
%y_1 = Add(%a, %b)
%y_2 = Add(%y_1, %c)
%y = Add(%y_2, %a)
output "y" = %y`,
      exactness: order,
    },
    {
      name: 'Mean of three',
      before: `graph "g"
input %a: float32[N,3]
input %b: float32[N,3]
input %c: float32[N,3]
%y = Mean(%a, %b, %c)
output "y" = %y`,
      after: `graph "g"
input %a: float32[N,3]
input %b: float32[N,3]
input %c: float32[N,3]
const %n: float32[] = [3]
%y_1 = Add(%a, %b)
%y_2 = Add(%y_1, %c)
%y = Div(%y_2, %n)
output "y" = %y`,
      exactness: order,
    },
    {
      name: 'Mean in half precision',
      before: `graph "g"
input %a: float16[3]
input %b: float16[3]
%y = Mean(%a, %b)
output "y" = %y`,
      after: `graph "g"
input %a: float16[3]
input %b: float16[3]
const %n: float16[] = [2]
%y_1 = Add(%a, %b)
%y = Div(%y_1, %n)
output "y" = %y`,
      exactness: { relative: 2 ** -10, because: 'the sum is rounded to half precision before it is divided' },
    },
  ],
});
