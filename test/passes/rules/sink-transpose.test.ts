import { composeTransposes } from '../../../src/passes/rules/compose-transposes.js';
import { sinkTranspose } from '../../../src/passes/rules/sink-transpose.js';
import { describeRule } from '../../support/rules.js';

/** [N, H, W, C] with the layer's own layout behind it, so that the Transpose belongs to no graph input. */
const source = `graph "g"
  input %x: float32[N,3,4,5]
  %p = GlobalAveragePool(%x)
  %s = Sub(%x, %p)
  %t = Transpose(%s) {perm = [0,2,3,1]}`;
const sourceAfter = `graph "g"
  input %x: float32[N,3,4,5]
  %p = GlobalAveragePool(%x)
  %s = Sub(%x, %p)`;

/** One operator behind the Transpose, and the same in front of it. */
const passed = (name: string, before: string, after: string, result = '%t_1 = Transpose(%y) {perm = [0,2,3,1]}') => ({
  name,
  before: `${source}\n${before}\noutput "y" = %y`,
  after: `${sourceAfter}\n${after}\n${result}\noutput "y" = %t_1`,
});

const refused = (name: string, graph: string, reason: string) => ({ name, graph: `${source}\n${graph}`, reason });

describeRule(sinkTranspose, {
  rewrites: [
    passed('an elementwise operator', '%y = Sigmoid(%t)', '%y = Sigmoid(%s)'),
    passed(
      'Clip with its scalar bounds',
      'const %lo: float32[] = [0]\n%y = Clip(%t, %lo)',
      'const %lo: float32[] = [0]\n%y = Clip(%s, %lo)',
    ),
    passed(
      'a constant of the last axis',
      'const %c: float32[3] = random 1\n%y = Mul(%t, %c)',
      'const %c: float32[1,3,1,1] = *\n%y = Mul(%s, %c)',
    ),
    passed(
      'a constant of several axes',
      'const %c: float32[4,5,3] = random 1\n%y = Sub(%c, %t)',
      'const %c: float32[1,3,4,5] = *\n%y = Sub(%c, %s)',
    ),
    passed(
      'a single element of any rank',
      'const %c: float32[1,1] = [2]\n%y = Add(%t, %c)',
      'const %c: float32[1,1] = [2]\n%y = Add(%s, %c)',
    ),
    passed(
      'a value of the last axis, which lies the same in both layouts',
      'input %v: float32[3]\n%y = Div(%t, %v)',
      'input %v: float32[3]\nconst %axes: int64[3] = [0,2,3]\n%y_1 = Unsqueeze(%v, %axes)\n%y = Div(%s, %y_1)',
    ),
    passed('Softmax of the channels', '%y = Softmax(%t)', '%y = Softmax(%s) {axis = 1}'),
    passed('LogSoftmax of the rows', '%y = LogSoftmax(%t) {axis = 1}', '%y = LogSoftmax(%s) {axis = 2}'),
    passed(
      'a reduction that keeps its axes',
      'const %axes: int64[2] = [1, 2]\n%y = ReduceMean(%t, %axes)',
      'const %axes: int64[2] = [2, 3]\n%y = ReduceMean(%s, %axes)',
    ),
    passed(
      'a reduction that drops an axis',
      'const %axes: int64[1] = [2]\n%y = ReduceMax(%t, %axes) {keepdims = 0}',
      'const %axes: int64[1] = [3]\n%y = ReduceMax(%s, %axes) {keepdims = 0}',
      '%t_1 = Transpose(%y) {perm = [0,2,1]}',
    ),
    {
      name: 'a reduction of what the Transpose moved, which leaves nothing of it',
      before: `graph "g"
        input %x: float32[N,3,4,5]
        %t = Transpose(%x) {perm = [0,2,3,1]}
        const %axes: int64[2] = [-3, -2]
        %y = ReduceSum(%t, %axes) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,5]
        const %axes: int64[2] = [2, 3]
        %y = ReduceSum(%x, %axes) {keepdims = 0}
        output "y" = %y`,
      exactness: { relative: 1e-6, because: 'the elements are summed in another order' },
    },
    {
      name: 'a reduction of all axes',
      before: `graph "g"
        input %x: float32[2,3,4]
        %t = Transpose(%x) {perm = [2,0,1]}
        %y = ReduceMin(%t) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[2,3,4]
        const %axes: int64[3] = [0, 1, 2]
        %y = ReduceMin(%x, %axes) {keepdims = 0}
        output "y" = %y`,
    },
    passed(
      'Pad',
      'const %pads: int64[8] = [0,1,2,0,0,3,4,0]\n%y = Pad(%t, %pads)',
      'const %pads: int64[8] = [0,0,1,2,0,0,3,4]\n%y = Pad(%s, %pads)',
    ),
    passed(
      'Pad of named axes with a value',
      `const %pads: int64[2] = [1, 2]\nconst %v: float32[] = [7]\nconst %axes: int64[1] = [-1]
       %y = Pad(%t, %pads, %v, %axes) {mode = "constant"}`,
      `const %pads: int64[8] = [0,1,0,0,0,2,0,0]\nconst %v: float32[] = [7]
       %y = Pad(%s, %pads, %v) {mode = "constant"}`,
    ),
    passed(
      'Slice',
      `const %from: int64[2] = [1, 0]\nconst %to: int64[2] = [3, 2]\nconst %axes: int64[2] = [-2, 3]
       %y = Slice(%t, %from, %to, %axes)`,
      `const %from: int64[2] = [1, 0]\nconst %to: int64[2] = [3, 2]\nconst %axes: int64[2] = [3, 1]
       %y = Slice(%s, %from, %to, %axes)`,
    ),
    passed(
      'Slice of the leading axes with steps',
      `const %from: int64[2] = [0, 3]\nconst %to: int64[2] = [2147483647, 0]\nconst %steps: int64[2] = [1, -2]
       %y = Slice(%t, %from, %to, _, %steps)`,
      `const %from: int64[2] = [0, 3]\nconst %to: int64[2] = [2147483647, 0]\nconst %axes: int64[2] = [0, 2]
       const %steps: int64[2] = [1, -2]
       %y = Slice(%s, %from, %to, %axes, %steps)`,
    ),
    {
      name: 'the sum of two Transposes, which leaves one',
      before: `${source}
        %b = Neg(%s)
        %u = Transpose(%b) {perm = [0,2,3,1]}
        %y = Add(%t, %u)
        output "y" = %y`,
      after: `${sourceAfter}
        %b = Neg(%s)
        %y = Add(%s, %b)
        %t_1 = Transpose(%y) {perm = [0,2,3,1]}
        output "y" = %t_1`,
      exactness: { relative: 1e-6, because: 's - s is 0 everywhere' },
    },
    {
      name: 'Concat of two Transposes',
      before: `${source}
        %b = Abs(%s)
        %u = Transpose(%b) {perm = [0,2,3,1]}
        %y = Concat(%t, %u) {axis = -1}
        output "y" = %y`,
      after: `${sourceAfter}
        %b = Abs(%s)
        %y = Concat(%s, %b) {axis = 1}
        %t_1 = Transpose(%y) {perm = [0,2,3,1]}
        output "y" = %t_1`,
    },
    {
      name: 'a BatchNormalization whose channels stay',
      before: `graph "g"
        input %x: float32[N,3,4,5]
        %s = GlobalMaxPool(%x)
        %d = Sub(%x, %s)
        %t = Transpose(%d) {perm = [0,1,3,2]}
        const %c: float32[3] = [0.5, 1, 2]
        %y = BatchNormalization(%t, %c, %c, %c, %c) {epsilon = 0.0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,5]
        %s = GlobalMaxPool(%x)
        %d = Sub(%x, %s)
        const %c: float32[3] = [0.5, 1, 2]
        %y = BatchNormalization(%d, %c, %c, %c, %c) {epsilon = 0.0}
        %t_1 = Transpose(%y) {perm = [0,1,3,2]}
        output "y" = %t_1`,
    },
    {
      name: 'an operand that is there in the other layout already',
      before: `graph "g"
        input %x: float32[N,4,5,3]
        %t = Transpose(%x) {perm = [0,3,1,2]}
        %p = GlobalAveragePool(%t)
        %s = Sub(%t, %p)
        %u = Transpose(%s) {perm = [0,2,3,1]}
        %y = Mul(%x, %u)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,4,5,3]
        %t = Transpose(%x) {perm = [0,3,1,2]}
        %p = GlobalAveragePool(%t)
        %s = Sub(%t, %p)
        %y = Mul(%t, %s)
        %u_1 = Transpose(%y) {perm = [0,2,3,1]}
        output "y" = %u_1`,
    },
  ],
  refusals: [
    refused(
      'an operand in another layout',
      'input %v: float32[N,4,5,3]\n%y = Add(%t, %v)\noutput "y" = %y',
      'not read through a Transpose',
    ),
    {
      name: 'a value and its own Transpose, which would only change places',
      graph: `graph "g"
        input %x: float32[N,3,3]
        %p = GlobalAveragePool(%x)
        %s = Sub(%x, %p)
        %t = Transpose(%s) {perm = [0,2,1]}
        %y = Add(%t, %s)
        output "y" = %y`,
      reason: 'a second Transpose would be needed',
    },
    refused(
      'a second Transpose',
      '%y = Relu(%t)\noutput "y" = %y\noutput "t" = %t',
      'a second Transpose would be needed',
    ),
    refused(
      'channels that would leave axis 1',
      'const %c: float32[4] = splat 1\n%y = BatchNormalization(%t, %c, %c, %c, %c)\noutput "y" = %y',
      'the channels would leave axis 1',
    ),
    refused(
      'axes that the data decide',
      'input %axes: int64[1]\n%y = ReduceMax(%t, %axes)\noutput "y" = %y',
      'the axes to reduce are not constant',
    ),
    refused(
      'pads that the data decide',
      'input %pads: int64[8]\n%y = Pad(%t, %pads)\noutput "y" = %y',
      'the pads are not constant',
    ),
    {
      name: 'the Transpose of a graph input',
      graph: `graph "g"
        input %x: float32[N,4,5,3]
        %t = Transpose(%x) {perm = [0,3,1,2]}
        %y = Relu(%t)
        output "y" = %y`,
      reason: 'belongs to a graph input',
    },
    {
      name: 'the Transpose behind the preprocessing of a graph input',
      graph: `graph "g"
        input %x: float32[N,4,5,3]
        const %c: float32[3] = random 1
        %s = Sub(%x, %c)
        %t = Transpose(%s) {perm = [0,3,1,2]}
        %y = Relu(%t)
        output "y" = %y`,
      reason: 'belongs to a graph input',
    },
    {
      name: 'a constant with more axes than the Transpose has',
      graph: `graph "g"
        input %x: float32[3,4]
        %p = Gemm(%x, %x) {transA = 1}
        %t = Transpose(%p) {perm = [1,0]}
        const %c: float32[2,1,1] = random 1
        %y = Mul(%t, %c)
        output "y" = %y`,
      reason: 'has more axes than what it meets',
    },
  ],
});

describeRule([composeTransposes, sinkTranspose], {
  rewrites: [
    {
      name: 'a Transpose with two readers sinks when all ways lead to its partner',
      before: `${source}
        %a = Sigmoid(%t)
        %b = Mul(%t, %a)
        %y = Transpose(%b) {perm = [0,3,1,2]}
        output "y" = %y`,
      after: `${sourceAfter}
        %a = Sigmoid(%s)
        %b = Mul(%s, %a)
        output "y" = %b`,
    },
    {
      name: 'layers of a TensorFlow export with a residual connection lose all Transposes between them',
      before: `graph "g"
        input %x: float32[N,8,8,3]
        const %w: float32[4,3,3,3] = random 1
        const %v: float32[4,4,3,3] = random 2
        const %c: float32[4] = random 3
        %x1 = Transpose(%x) {perm = [0,3,1,2]}
        %a1 = Conv(%x1, %w) {pads = [1,1,1,1]}
        %a2 = Transpose(%a1) {perm = [0,2,3,1]}
        %a3 = Add(%a2, %c)
        %a4 = Relu(%a3)
        %b0 = Transpose(%a4) {perm = [0,3,1,2]}
        %b1 = Conv(%b0, %v) {pads = [1,1,1,1]}
        %b2 = Transpose(%b1) {perm = [0,2,3,1]}
        %b3 = Add(%b2, %a4)
        %b4 = Relu(%b3)
        const %axes: int64[2] = [1, 2]
        %m = ReduceMean(%b4, %axes) {keepdims = 0}
        output "y" = %m`,
      after: `graph "g"
        input %x: float32[N,8,8,3]
        const %w: float32[4,3,3,3] = random 1
        const %c: float32[1,4,1,1] = *
        const %v: float32[4,4,3,3] = random 2
        const %axes: int64[2] = [2, 3]
        %x1 = Transpose(%x) {perm = [0,3,1,2]}
        %a1 = Conv(%x1, %w) {pads = [1,1,1,1]}
        %a3 = Add(%a1, %c)
        %a4 = Relu(%a3)
        %b1 = Conv(%a4, %v) {pads = [1,1,1,1]}
        %b3 = Add(%b1, %a4)
        %b4 = Relu(%b3)
        %m = ReduceMean(%b4, %axes) {keepdims = 0}
        output "y" = %m`,
      exactness: { relative: 1e-6, because: 'the mean adds in another order' },
    },
  ],
});
