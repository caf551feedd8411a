import { mergeBatchnorms } from '../../../src/passes/rules/merge-batchnorms.js';
import { describeRule } from '../../support/rules.js';

const STATISTICS = `
const %gamma: float32[2] = [2, 3]
const %beta: float32[2] = [1, -1]
const %mean: float32[2] = [0.5, 2]
const %variance: float32[2] = [4, 0.25]
const %half: float32[2] = [0.5, 0.5]`;

describeRule(mergeBatchnorms, {
  rewrites: [
    {
      name: 'two of them',
      before: `graph "g"
input %x: float32[N,2,3]
${STATISTICS}
%a = BatchNormalization(%x, %gamma, %beta, %mean, %variance) {epsilon = 0.0} "a" @[0 "a" "BatchNormalization"]
%y = BatchNormalization(%a, %half, %mean, %beta, %variance) {epsilon = 0.0} "b" @[1 "b" "BatchNormalization"]
output "y" = %y`,
      // First x + 0.5 and 6x - 13, then 0.25x + 0.25 and x + 3.
      after: `graph "g"
input %x: float32[N,2,3]
const %scale: float32[2] = [0.25, 6]
const %shift: float32[2] = [0.375, -10]
const %zero: float32[2] = [0, 0]
const %one: float32[2] = [1, 1]
%y = BatchNormalization(%x, %scale, %shift, %zero, %one) {epsilon = 0.0} "b" @[0 "a" "BatchNormalization", 1 "b" "BatchNormalization"]
output "y" = %y`,
      exactness: { relative: 1e-6, because: 'one rounding instead of two' },
    },
    {
      name: 'three of them',
      before: `graph "g"
input %x: float32[2,2]
${STATISTICS}
%a = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%b = BatchNormalization(%a, %gamma, %beta, %mean, %variance)
%y = BatchNormalization(%b, %gamma, %beta, %mean, %variance)
output "y" = %y`,
      after: `graph "g"
input %x: float32[2,2]
const %scale: float32[2] = *
const %shift: float32[2] = *
const %zero: float32[2] = [0, 0]
const %one: float32[2] = [1, 1]
%y = BatchNormalization(%x, %scale, %shift, %zero, %one) {epsilon = 0.0}
output "y" = %y`,
      exactness: { relative: 1e-6, because: 'one rounding instead of three' },
    },
  ],
  refusals: [
    {
      name: 'a first one that something else reads',
      graph: `graph "g"
input %x: float32[N,2,3]
${STATISTICS}
%a = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%y = BatchNormalization(%a, %gamma, %beta, %mean, %variance)
output "y" = %y
output "a" = %a`,
      reason: "'a' has other readers",
    },
    {
      name: 'computed statistics',
      graph: `graph "g"
input %x: float32[N,2,3]
input %m: float32[2]
${STATISTICS}
%a = BatchNormalization(%x, %gamma, %beta, %m, %variance)
%y = BatchNormalization(%a, %gamma, %beta, %mean, %variance)
output "y" = %y`,
      reason: 'the statistics are not constant',
    },
    {
      name: 'computed statistics of the second one',
      graph: `graph "g"
input %x: float32[N,2,3]
input %m: float32[2]
${STATISTICS}
%a = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%y = BatchNormalization(%a, %gamma, %beta, %m, %variance)
output "y" = %y`,
      reason: 'the statistics are not constant',
    },
  ],
});
