import { rewriteAffineAsBatchnorm } from '../../../src/passes/rules/rewrite-affine-as-batchnorm.js';
import { describeRule, type RefusalCase, type RewriteCase } from '../../support/rules.js';

const rounding = { relative: 1e-6, because: 'a division becomes a product with the rounded reciprocal' };

const step = (name: string, constant: string, call: string, scale: string, shift: string): RewriteCase => ({
  name,
  before: `graph "g"
input %x: float32[N,2,3]
const %c: ${constant}
%y = ${call} "step" @[0 "step" "Arithmetic"]
output "y" = %y`,
  after: `graph "g"
input %x: float32[N,2,3]
const %scale: float32[2] = ${scale}
const %shift: float32[2] = ${shift}
const %mean: float32[2] = splat 0
const %variance: float32[2] = splat 1
%y = BatchNormalization(%x, %scale, %shift, %mean, %variance) {epsilon = 0.0} "step" @[0 "step" "Arithmetic"]
output "y" = %y`,
  exactness: rounding,
});

const refusal = (name: string, input: string, constant: string, call: string, reason: string): RefusalCase => ({
  name,
  graph: `graph "g"
input %x: ${input}
const %c: ${constant}
%y = ${call}
output "y" = %y`,
  reason,
});

describeRule(rewriteAffineAsBatchnorm, {
  rewrites: [
    step('Mul by channel', 'float32[2,1] = [2, 3]', 'Mul(%x, %c)', '[2, 3]', '[0, 0]'),
    step('Mul, constant first', 'float32[1,2,1] = [2, 3]', 'Mul(%c, %x)', '[2, 3]', '[0, 0]'),
    step('Add of a scalar', 'float32[] = [0.5]', 'Add(%x, %c)', '[1, 1]', '[0.5, 0.5]'),
    step('Sub', 'float32[2,1] = [2, 3]', 'Sub(%x, %c)', '[1, 1]', '[-2, -3]'),
    step('Sub from a constant', 'float32[2,1] = [2, 3]', 'Sub(%c, %x)', '[-1, -1]', '[2, 3]'),
    step('Div', 'float32[2,1] = [4, 255]', 'Div(%x, %c)', '[0.25, 0.003921568859368563]', '[0, 0]'),
    {
      name: 'one number for as many channels as are worth it',
      before: `graph "g"
input %x: float32[N,1024]
const %c: float32[] = [2]
%y = Mul(%x, %c)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,1024]
const %scale: float32[1024] = splat 2
const %shift: float32[1024] = splat 0
const %mean: float32[1024] = splat 0
const %variance: float32[1024] = splat 1
%y = BatchNormalization(%x, %scale, %shift, %mean, %variance) {epsilon = 0.0}
output "y" = %y`,
      exactness: rounding,
    },
    {
      name: 'a matrix',
      before: `graph "g"
input %x: float32[N,2]
const %c: float32[2] = [2, 3]
%y = Mul(%x, %c)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,2]
const %scale: float32[2] = [2, 3]
const %shift: float32[2] = [0, 0]
const %mean: float32[2] = [0, 0]
const %variance: float32[2] = [1, 1]
%y = BatchNormalization(%x, %scale, %shift, %mean, %variance) {epsilon = 0.0}
output "y" = %y`,
      exactness: rounding,
    },
  ],
  refusals: [
    refusal('another axis', 'float32[N,2,3]', 'float32[3] = [1, 2, 3]', 'Mul(%x, %c)', 'varies along another axis'),
    refusal('unknown channels', 'float32[N,C,3]', 'float32[] = [2]', 'Mul(%x, %c)', 'the number of channels'),
    refusal('one number for many', 'float32[1,1025,2]', 'float32[] = [2]', 'Mul(%x, %c)', 'repeated for 1025 channels'),
    refusal('a list', 'float32[3]', 'float32[] = [2]', 'Mul(%x, %c)', 'no channel axis'),
    refusal('integers', 'int32[N,3]', 'int32[] = [2]', 'Mul(%x, %c)', 'int32'),
    refusal('a division by zero', 'float32[N,2]', 'float32[2] = [1, 0]', 'Div(%x, %c)', 'divided by zero'),
    refusal('a constant by the data', 'float32[N,2]', 'float32[] = [1]', 'Div(%c, %x)', 'not affine'),
    refusal('an infinite shift', 'float32[N,2]', 'float32[] = [-inf]', 'Add(%c, %x)', 'not finite'),
    refusal('a growing result', 'float32[N,1]', 'float32[2] = [1, 2]', 'Add(%c, %x)', 'to another shape'),
  ],
});
