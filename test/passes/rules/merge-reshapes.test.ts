import { mergeReshapes } from '../../../src/passes/rules/merge-reshapes.js';
import { describeRule } from '../../support/rules.js';

describeRule(mergeReshapes, {
  rewrites: [
    {
      name: 'a pair cancels',
      before: `graph "g"
        input %x: float32[N,3,L]
        const %axes: int64[1] = [3]
        %a = Unsqueeze(%x, %axes)
        %b = Squeeze(%a, %axes)
        %y = Relu(%b)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,L]
        %y = Relu(%x)
        output "y" = %y`,
    },
    {
      name: 'two Reshapes become one that copies the batch size',
      before: `graph "g"
        input %x: float32[N,1960]
        const %s: int64[4] = [-1, 49, 40, 1]
        const %t: int64[4] = [-1, 1, 49, 40]
        %a = Reshape(%x, %s)
        %y = Reshape(%a, %t)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,1960]
        const %shape: int64[4] = [0, 1, 49, 40]
        %y = Reshape(%x, %shape)
        output "y" = %y`,
    },
    {
      name: 'Squeeze and Flatten become Flatten',
      before: `graph "g"
        input %x: float32[N,3,4,1]
        const %axes: int64[1] = [-1]
        %a = Squeeze(%x, %axes)
        %y = Flatten(%a)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4,1]
        %y = Flatten(%x) {axis = 1}
        output "y" = %y`,
    },
    {
      name: 'Flatten and Unsqueeze become Reshape',
      before: `graph "g"
        input %x: float32[N,3,4]
        const %axes: int64[2] = [2, 3]
        %a = Flatten(%x)
        %y = Unsqueeze(%a, %axes)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4]
        const %shape: int64[4] = [0, 12, 1, 1]
        %y = Reshape(%x, %shape)
        output "y" = %y`,
    },
    {
      name: 'Squeezes of several axes become one',
      before: `graph "g"
        input %x: float32[1,N,1,M]
        const %first: int64[1] = [0]
        const %second: int64[1] = [1]
        %a = Squeeze(%x, %first)
        %b = Squeeze(%a, %second)
        output "y" = %b`,
      after: `graph "g"
        input %x: float32[1,N,1,M]
        const %axes: int64[2] = [0, 2]
        %b = Squeeze(%x, %axes)
        output "y" = %b`,
    },
  ],
  refusals: [
    {
      name: 'a shape of two unknown sizes',
      graph: `graph "g"
        input %x: float32[N,3,L,M]
        %a = Flatten(%x) {axis = 2}
        input %s: int64[4]
        %y = Reshape(%a, %s)
        output "y" = %y`,
      reason: 'no constant expresses',
    },
  ],
});
