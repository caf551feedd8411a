import { moveTransposeBeforeReshape } from '../../../src/passes/rules/move-transpose-before-reshape.js';
import { describeRule } from '../../support/rules.js';

describeRule(moveTransposeBeforeReshape, {
  rewrites: [
    {
      name: 'an Unsqueeze comes behind',
      before: `graph "g"
        input %x: float32[N,5,3]
        const %axes: int64[1] = [-1]
        %a = Unsqueeze(%x, %axes)
        %y = Transpose(%a) {perm = [0,2,3,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,5,3]
        const %axes: int64[1] = [2]
        %y_1 = Transpose(%x) {perm = [0,2,1]}
        %y = Unsqueeze(%y_1, %axes)
        output "y" = %y`,
    },
    {
      name: 'an Unsqueeze takes up what moves only the axis it adds',
      before: `graph "g"
        input %x: float32[N,5,3]
        const %axes: int64[2] = [3, 1]
        %a = Unsqueeze(%x, %axes)
        %y = Transpose(%a) {perm = [0,3,2,4,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,5,3]
        const %axes: int64[2] = [1, 4]
        %y = Unsqueeze(%x, %axes)
        output "y" = %y`,
    },
    {
      name: 'a Squeeze comes behind, its axis staying where it is',
      before: `graph "g"
        input %x: float32[N,5,1,3]
        const %axes: int64[1] = [2]
        %a = Squeeze(%x, %axes)
        %y = Transpose(%a) {perm = [2,0,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,5,1,3]
        const %axes: int64[1] = [2]
        %y_1 = Transpose(%x) {perm = [3,0,2,1]}
        %y = Squeeze(%y_1, %axes)
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'when the Unsqueeze has other readers',
      graph: `graph "g"
        input %x: float32[N,5,3]
        const %axes: int64[1] = [3]
        %a = Unsqueeze(%x, %axes)
        %y = Transpose(%a) {perm = [0,2,1,3]}
        output "y" = %y
        output "a" = %a`,
      reason: 'has other readers',
    },
    {
      name: 'axes that the data decide',
      graph: `graph "g"
        input %x: float32[N,5,3]
        input %axes: int64[1]
        %a = Unsqueeze(%x, %axes)
        %y = Transpose(%a) {perm = [0,2,1,3]}
        output "y" = %y`,
      reason: 'its axes are not constant',
    },
  ],
});
