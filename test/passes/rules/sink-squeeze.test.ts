import { mergeReshapes } from '../../../src/passes/rules/merge-reshapes.js';
import { sinkSqueeze } from '../../../src/passes/rules/sink-squeeze.js';
import { describeRule } from '../../support/rules.js';

/** One operator behind the Squeeze of [N, C, L, 1], and the same in front of it. */
const passed = (name: string, before: string, after: string, result = '%t_1 = Squeeze(%y, %last)') => ({
  name,
  before: `graph "g"
    input %x: float32[N,3,5,1]
    const %axes: int64[1] = [3]
    %t = Squeeze(%x, %axes)
    ${before}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,3,5,1]
    const %last: int64[1] = [3]
    ${after}
    ${result}
    output "y" = %t_1`,
});

describeRule(sinkSqueeze, {
  rewrites: [
    passed('an elementwise operator', '%y = Sigmoid(%t)', '%y = Sigmoid(%x)'),
    passed(
      'a constant of the channels',
      'const %c: float32[3,1] = random 1\n%y = Add(%t, %c)',
      'const %c: float32[1,3,1,1] = *\n%y = Add(%x, %c)',
    ),
    passed(
      'a constant of the last axis',
      'const %c: float32[5] = random 1\n%y = Mul(%c, %t)',
      'const %c: float32[1,1,5,1] = *\n%y = Mul(%c, %x)',
    ),
    passed(
      'a value that has no such axis',
      'input %v: float32[N,3,5]\n%y = Add(%t, %v)',
      'input %v: float32[N,3,5]\n%y_1 = Unsqueeze(%v, %last)\n%y = Add(%x, %y_1)',
      'const %axes: int64[1] = [3]\n%t_1 = Squeeze(%y, %axes)',
    ),
    passed(
      'BatchNormalization',
      'const %c: float32[3] = [0.5, 1, 2]\n%y = BatchNormalization(%t, %c, %c, %c, %c)',
      'const %c: float32[3] = [0.5, 1, 2]\n%y = BatchNormalization(%x, %c, %c, %c, %c)',
    ),
    passed('Softmax', '%y = Softmax(%t)', '%y = Softmax(%x) {axis = 2}'),
    passed(
      'a reduction that drops an axis',
      'const %r: int64[1] = [-1]\n%y = ReduceMean(%t, %r) {keepdims = 0}',
      'const %r: int64[1] = [2]\n%y = ReduceMean(%x, %r) {keepdims = 0}',
      'const %two: int64[1] = [2]\n%t_1 = Squeeze(%y, %two)',
    ),
    passed(
      'Pad',
      'const %pads: int64[6] = [0,0,1,0,0,2]\n%y = Pad(%t, %pads)',
      'const %pads: int64[8] = [0,0,1,0,0,0,2,0]\n%y = Pad(%x, %pads)',
    ),
    {
      name: 'the sum of two, which leaves one',
      before: `graph "g"
        input %x: float32[N,3,5,1]
        input %z: float32[N,3,5,1]
        const %axes: int64[1] = [-1]
        %a = Squeeze(%x, %axes)
        %b = Squeeze(%z, %axes)
        %y = Add(%a, %b)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,5,1]
        input %z: float32[N,3,5,1]
        const %axes: int64[1] = [3]
        %y = Add(%x, %z)
        %a_1 = Squeeze(%y, %axes)
        output "y" = %a_1`,
    },
    {
      name: 'Concat',
      before: `graph "g"
        input %x: float32[N,3,5,1]
        input %z: float32[N,3,2,1]
        const %axes: int64[1] = [-1]
        %a = Squeeze(%x, %axes)
        %b = Squeeze(%z, %axes)
        %y = Concat(%a, %b) {axis = -1}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,5,1]
        input %z: float32[N,3,2,1]
        const %axes: int64[1] = [3]
        %y = Concat(%x, %z) {axis = 2}
        %a_1 = Squeeze(%y, %axes)
        output "y" = %a_1`,
    },
  ],
  refusals: [
    {
      name: 'a fifth axis',
      graph: `graph "g"
        input %x: float32[N,3,5,4,1]
        const %axes: int64[1] = [4]
        %t = Squeeze(%x, %axes)
        %y = Relu(%t)
        output "y" = %y`,
      reason: 'layers have four axes at most',
    },
    {
      name: 'a second Squeeze',
      graph: `graph "g"
        input %x: float32[N,3,5,1]
        const %axes: int64[1] = [3]
        %t = Squeeze(%x, %axes)
        %y = Relu(%t)
        output "t" = %t
        output "y" = %y`,
      reason: 'a second Squeeze would be needed',
    },
    {
      name: 'channels that would leave axis 1',
      graph: `graph "g"
        input %x: float32[N,1,3,5]
        const %axes: int64[1] = [1]
        const %c: float32[3] = [1, 2, 3]
        %t = Squeeze(%x, %axes)
        %y = BatchNormalization(%t, %c, %c, %c, %c)
        output "y" = %y`,
      reason: 'the channels would leave axis 1',
    },
    {
      name: 'axes that the data decide',
      graph: `graph "g"
        input %x: float32[N,1,3,1]
        input %axes: int64[1]
        %t = Squeeze(%x, %axes)
        %y = Relu(%t)
        output "y" = %y`,
      reason: 'its axes are not constant',
    },
  ],
});

describeRule([mergeReshapes, sinkSqueeze], {
  rewrites: [
    {
      name: 'meets an Unsqueeze, and both vanish',
      before: `graph "g"
        input %x: float32[N,3,5,1]
        const %axes: int64[1] = [3]
        const %lo: float32[] = [0]
        %a = Squeeze(%x, %axes)
        %b = Sigmoid(%a)
        %c = Mul(%a, %b)
        %y = Unsqueeze(%c, %axes)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,5,1]
        %b = Sigmoid(%x)
        %c = Mul(%x, %b)
        output "y" = %c`,
    },
    {
      name: 'merges into a Flatten',
      before: `graph "g"
        input %x: float32[N,3,5,1]
        const %axes: int64[1] = [3]
        %a = Squeeze(%x, %axes)
        %b = Relu(%a)
        %y = Flatten(%b) {axis = 1}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,5,1]
        %b = Relu(%x)
        %y = Flatten(%b) {axis = 1}
        output "y" = %y`,
    },
  ],
});
