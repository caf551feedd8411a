import { widenBatchNorm } from '../../../src/passes/rules/widen-batch-norm.js';
import { describeRule } from '../../support/rules.js';

describeRule(widenBatchNorm, {
  rewrites: [
    {
      name: 'of [N, C, L], which alone stands for the one of the source',
      before: `graph "g"
        input %x: float32[N,3,L]
        const %s: float32[3] = [0.5, 1, 2]
        const %b: float32[3] = [1, 0, -1]
        %y = BatchNormalization(%x, %s, %b, %b, %s) {epsilon = 0.001} "norm" @[3 "norm" "BatchNormalization"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,L]
        const %axes: int64[1] = [3]
        const %s: float32[3] = [0.5, 1, 2]
        const %b: float32[3] = [1, 0, -1]
        const %back: int64[1] = [3]
        %y_1 = Unsqueeze(%x, %axes) "norm"
        %y = BatchNormalization(%y_1, %s, %b, %b, %s) {epsilon = 0.001} "norm" @[3 "norm" "BatchNormalization"]
        %y_3 = Squeeze(%y, %back) "norm"
        output "y" = %y_3`,
    },
  ],
  refusals: [
    {
      name: 'of a matrix',
      graph: `graph "g"
        input %x: float32[N,3]
        const %s: float32[3] = [0.5, 1, 2]
        %y = BatchNormalization(%x, %s, %s, %s, %s)
        output "y" = %y`,
      reason: 'not one-dimensional',
    },
  ],
});
