import { rewriteMeanAsGlobalPool } from '../../../src/passes/rules/rewrite-mean-as-global-pool.js';
import { describeRule } from '../../support/rules.js';

const otherOrder = { relative: 1e-6, because: 'the elements may be summed in another order' };

const refused = (name: string, input: string, axes: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: ${input}
    ${axes}
    %y = ReduceMean(%x, %axes)
    output "y" = %y`,
  reason,
});

describeRule(rewriteMeanAsGlobalPool, {
  rewrites: [
    {
      name: 'with keepdims',
      before: `graph "g"
        input %x: float32[N,3,4,5]
        const %axes: int64[2] = [-1, 2]
        %y = ReduceMean(%x, %axes)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,5]
        %y = GlobalAveragePool(%x)
        output "y" = %y`,
      exactness: otherOrder,
    },
    {
      name: 'without keepdims',
      before: `graph "g"
        input %x: float32[N,3,H,W]
        const %axes: int64[2] = [2, 3]
        %y = ReduceMean(%x, %axes) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,H,W]
        %y_1 = GlobalAveragePool(%x)
        %y = Flatten(%y_1) {axis = 1}
        output "y" = %y`,
      exactness: otherOrder,
    },
    {
      name: 'of [N, C, L]',
      before: `graph "g"
        input %x: float32[N,3,7]
        const %axes: int64[1] = [2]
        %y = ReduceMean(%x, %axes) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,7]
        %y_1 = GlobalAveragePool(%x)
        %y = Flatten(%y_1) {axis = 1}
        output "y" = %y`,
      exactness: otherOrder,
    },
    {
      name: 'of one spatial axis when the other has size 1',
      before: `graph "g"
        input %x: float32[N,3,7,1]
        const %axes: int64[1] = [2]
        %y = ReduceMean(%x, %axes) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,7,1]
        const %axes: int64[1] = [3]
        %y_1 = GlobalAveragePool(%x)
        %y = Squeeze(%y_1, %axes)
        output "y" = %y`,
      exactness: otherOrder,
    },
    {
      name: 'of everything when batch and channels have size 1',
      before: `graph "g"
        input %x: float32[1,1,4,5]
        %y = ReduceMean(%x) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[1,1,4,5]
        const %axes: int64[4] = [0, 1, 2, 3]
        %y_1 = GlobalAveragePool(%x)
        %y = Squeeze(%y_1, %axes)
        output "y" = %y`,
      exactness: otherOrder,
    },
    {
      name: 'of single elements',
      before: `graph "g"
        input %x: float32[N,3,1,1]
        const %axes: int64[2] = [2, 3]
        %y = ReduceMean(%x, %axes) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,1,1]
        %y = Flatten(%x) {axis = 1}
        output "y" = %y`,
    },
    {
      name: 'of nothing',
      before: `graph "g"
        input %x: float32[N,3,4]
        %m = ReduceMean(%x) {noop_with_empty_axes = 1}
        %y = Neg(%m)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4]
        %y = Neg(%x)
        output "y" = %y`,
    },
  ],
  refusals: [
    refused('one of two spatial axes', 'float32[N,3,4,5]', 'const %axes: int64[1] = [2]', 'and them alone'),
    refused('the channels', 'float32[N,3,4,5]', 'const %axes: int64[3] = [1, 2, 3]', 'and them alone'),
    refused('the columns of a matrix', 'float32[N,3]', 'const %axes: int64[1] = [1]', 'and them alone'),
    refused('axes that the data decide', 'float32[N,3,4]', 'input %axes: int64[1]', 'its axes are not constant'),
    refused('integers', 'int32[N,3,4]', 'const %axes: int64[1] = [2]', 'the data are integers'),
  ],
});
