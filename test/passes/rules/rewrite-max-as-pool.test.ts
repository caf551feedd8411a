import { rewriteMaxAsPool } from '../../../src/passes/rules/rewrite-max-as-pool.js';
import { describeRule } from '../../support/rules.js';

const refused = (name: string, input: string, layer: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: ${input}
    const %axes: int64[1] = [2]
    %y = ${layer}
    output "y" = %y`,
  reason,
});

describeRule(rewriteMaxAsPool, {
  rewrites: [
    {
      name: 'GlobalMaxPool',
      before: `graph "g"
        input %x: float32[N,3,4,5]
        %y = GlobalMaxPool(%x)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,5]
        %y = MaxPool(%x) {kernel_shape = [4,5], pads = [0,0,0,0], strides = [1,1]}
        output "y" = %y`,
    },
    {
      name: 'ReduceMax without keepdims',
      before: `graph "g"
        input %x: float32[N,3,7]
        const %axes: int64[1] = [-1]
        %y = ReduceMax(%x, %axes) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,7]
        %y_1 = MaxPool(%x) {kernel_shape = [7], pads = [0,0], strides = [1]}
        %y = Flatten(%y_1) {axis = 1}
        output "y" = %y`,
    },
    {
      name: 'ReduceMax of a map of unknown size',
      before: `graph "g"
        input %x: float32[N,3,H,W]
        const %axes: int64[2] = [2, 3]
        %y = ReduceMax(%x, %axes)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,H,W]
        %y = GlobalMaxPool(%x)
        output "y" = %y`,
    },
    {
      name: 'ReduceMax of single elements',
      before: `graph "g"
        input %x: float32[N,3,1,1]
        const %axes: int64[2] = [2, 3]
        %y = ReduceMax(%x, %axes) {keepdims = 0}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,1,1]
        %y = Flatten(%x) {axis = 1}
        output "y" = %y`,
    },
  ],
  refusals: [
    refused('GlobalMaxPool of a map of unknown size', 'float32[N,3,4,W]', 'GlobalMaxPool(%x)', 'are not known'),
    refused('one of two spatial axes', 'float32[N,3,4,5]', 'ReduceMax(%x, %axes)', 'and them alone'),
    refused('integers', 'int8[N,3,4]', 'ReduceMax(%x, %axes)', 'the data are integers'),
  ],
});
