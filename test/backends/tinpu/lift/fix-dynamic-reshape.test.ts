import { fixDynamicReshape } from '../../../../src/backends/tinpu/lift/fix-dynamic-reshape.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

describeRule(
  fixDynamicReshape,
  {
    rewrites: [
      {
        name: 'the batch and everything else, as view(x.size(0), -1) is exported',
        before: `graph "g"
          input %x: float32[N,2,3,1]
          const %zero: int64[1] = [0]
          const %rest: int64[1] = [-1]
          %s = Shape(%x)
          %n = Gather(%s, %zero)
          %t = Concat(%n, %rest) {axis = 0}
          %y: float32[N,6] = Reshape(%x, %t) "view"
          output "y" = %y`,
        after: `graph "g"
          input %x: float32[N,2,3,1]
          %y: float32[N,6] = Flatten(%x) {axis = 1} "view"
          output "y" = %y`,
      },
    ],
    refusals: [
      {
        name: 'a shape that comes with the data',
        graph: `graph "g"
          input %x: float32[N,2]
          input %s: int64[2]
          %y = Reshape(%x, %s)
          output "y" = %y`,
        reason: 'the shape has sizes that no constant expresses',
      },
    ],
    untouched: [
      {
        name: 'a constant shape',
        graph: `graph "g"
          input %x: float32[N,2,3]
          const %s: int64[2] = [0, -1]
          %y = Reshape(%x, %s)
          output "y" = %y`,
      },
    ],
  },
  TINPU_RULES,
);
