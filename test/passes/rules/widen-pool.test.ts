import { widenPool } from '../../../src/passes/rules/widen-pool.js';
import { describeRule } from '../../support/rules.js';

/** A pool of [N, 3, 9] and the same of [N, 3, 9, 1]. */
const widened = (op: string, before = '', after = '') => ({
  name: op,
  before: `graph "g"
    input %x: float32[N,3,9]
    %y = ${op}(%x) {${before}}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,3,9]
    const %axes: int64[1] = [3]
    const %back: int64[1] = [3]
    %y_1 = Unsqueeze(%x, %axes)
    %y = ${op}(%y_1) {${after}}
    %y_3 = Squeeze(%y, %back)
    output "y" = %y_3`,
});

describeRule(widenPool, {
  rewrites: [
    widened(
      'MaxPool',
      'ceil_mode = 1, dilations = [2], kernel_shape = [3], pads = [1,1], strides = [2]',
      'ceil_mode = 1, dilations = [2,1], kernel_shape = [3,1], pads = [1,0,1,0], strides = [2,1]',
    ),
    widened(
      'AveragePool',
      'count_include_pad = 1, kernel_shape = [3], pads = [1,1]',
      'count_include_pad = 1, kernel_shape = [3,1], pads = [1,0,1,0]',
    ),
    widened(
      'LpPool',
      'kernel_shape = [3], p = 1, pads = [0,1], strides = [3]',
      'kernel_shape = [3,1], p = 1, pads = [0,0,1,0], strides = [3,1]',
    ),
    widened('GlobalAveragePool'),
    widened('GlobalMaxPool'),
    {
      name: 'the two-dimensional pool alone stands for the one of the source',
      before: `graph "g"
        input %x: float32[N,3,9]
        %y = GlobalMaxPool(%x) "pool" @[3 "pool" "GlobalMaxPool"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,9]
        const %axes: int64[1] = [3]
        const %back: int64[1] = [3]
        %y_1 = Unsqueeze(%x, %axes) "pool"
        %y = GlobalMaxPool(%y_1) "pool" @[3 "pool" "GlobalMaxPool"]
        %y_3 = Squeeze(%y, %back) "pool"
        output "y" = %y_3`,
    },
  ],
  refusals: [
    {
      name: 'the places of the maxima',
      graph: `graph "g"
        input %x: float32[N,3,9]
        %y, %i = MaxPool(%x) {kernel_shape = [3]}
        output "y" = %y
        output "i" = %i`,
      reason: 'the places of the maxima',
    },
    {
      name: 'a pool of images',
      graph: `graph "g"
        input %x: float32[N,3,9,9]
        %y = MaxPool(%x) {kernel_shape = [3,3]}
        output "y" = %y`,
      reason: 'not one-dimensional',
    },
  ],
});
