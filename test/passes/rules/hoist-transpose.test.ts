import { composeTransposes } from '../../../src/passes/rules/compose-transposes.js';
import { hoistTranspose } from '../../../src/passes/rules/hoist-transpose.js';
import { sinkTranspose } from '../../../src/passes/rules/sink-transpose.js';
import { describeRule } from '../../support/rules.js';

/** One operator of the preprocessing of [N, H, W, C], in front of the Transpose and behind it. */
const passed = (name: string, before: string, after: string) => ({
  name,
  before: `graph "g"
    input %x: float32[N,4,5,3]
    ${before}
    %y = Transpose(%a) {perm = [0,3,1,2]}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,4,5,3]
    ${after}
    output "y" = %y`,
});

describeRule(hoistTranspose, {
  rewrites: [
    passed('an elementwise operator', '%a = Tanh(%x)', '%y_1 = Transpose(%x) {perm = [0,3,1,2]}\n%y = Tanh(%y_1)'),
    passed(
      'a constant of the channels',
      'const %c: float32[3] = random 1\n%a = Sub(%x, %c)',
      'const %c: float32[1,3,1,1] = *\n%y_1 = Transpose(%x) {perm = [0,3,1,2]}\n%y = Sub(%y_1, %c)',
    ),
    passed(
      'a chain of operators',
      'const %c: float32[1,1,1,3] = random 1\nconst %d: float32[] = [0.5]\n%b = Mul(%d, %x)\n%a = Add(%b, %c)',
      `const %d: float32[] = [0.5]
       const %c: float32[1,3,1,1] = *
       %y_1_1 = Transpose(%x) {perm = [0,3,1,2]}
       %y_1 = Mul(%d, %y_1_1)
       %y = Add(%y_1, %c)`,
    ),
    passed(
      'Pad',
      'const %pads: int64[8] = [0,1,2,0,0,3,4,0]\n%a = Pad(%x, %pads)',
      `const %pads: int64[8] = [0,0,1,2,0,0,3,4]
       %y_1 = Transpose(%x) {perm = [0,3,1,2]}
       %y = Pad(%y_1, %pads)`,
    ),
  ],
  refusals: [
    {
      name: 'what a layer computes',
      graph: `graph "g"
        input %x: float32[N,4,5,3]
        %p = GlobalAveragePool(%x)
        %a = Sub(%x, %p)
        %y = Transpose(%a) {perm = [0,3,1,2]}
        output "y" = %y`,
      reason: 'do not come straight from a graph input',
    },
    {
      name: 'what others read as well',
      graph: `graph "g"
        input %x: float32[N,4,5,3]
        %a = Relu(%x)
        %y = Transpose(%a) {perm = [0,3,1,2]}
        output "a" = %a
        output "y" = %y`,
      reason: 'do not come straight from a graph input',
    },
    {
      name: 'the sum of two graph inputs',
      graph: `graph "g"
        input %x: float32[N,4,5,3]
        input %z: float32[N,4,5,3]
        %a = Add(%x, %z)
        %y = Transpose(%a) {perm = [0,3,1,2]}
        output "y" = %y`,
      reason: 'do not come straight from a graph input',
    },
    {
      name: 'a constant that adds axes',
      graph: `graph "g"
        input %x: float32[4,3]
        const %c: float32[2,1,1] = random 1
        %a = Mul(%x, %c)
        %y = Transpose(%a) {perm = [0,2,1]}
        output "y" = %y`,
      reason: 'adds axes',
    },
  ],
});

describeRule([composeTransposes, sinkTranspose, hoistTranspose], {
  rewrites: [
    {
      name: 'meets its partner at a graph input, and both vanish',
      before: `graph "g"
        input %x: float32[N,4,5,3]
        const %c: float32[3,1,1] = random 1
        %t = Transpose(%x) {perm = [0,3,1,2]}
        %a = Mul(%t, %c)
        %b = Relu(%a)
        %y = Transpose(%b) {perm = [0,2,3,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,5,3]
        const %c: float32[1,1,1,3] = *
        %y_1 = Mul(%x, %c)
        %y = Relu(%y_1)
        output "y" = %y`,
    },
    {
      name: 'stays behind preprocessing that has another reader, without going back and forth',
      before: `graph "g"
        input %x: float32[N,4,5,3]
        %a = Abs(%x)
        %t = Transpose(%a) {perm = [0,3,1,2]}
        %b = Relu(%t)
        %y = Neg(%b)
        output "a" = %a
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,5,3]
        %a = Abs(%x)
        %b = Relu(%a)
        %y = Neg(%b)
        %t_1_1 = Transpose(%y) {perm = [0,3,1,2]}
        output "a" = %a
        output "y" = %t_1_1`,
    },
  ],
});
