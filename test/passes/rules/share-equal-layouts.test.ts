import { shareEqualLayouts } from '../../../src/passes/rules/share-equal-layouts.js';
import { describeRule } from '../../support/rules.js';

describeRule(shareEqualLayouts, {
  rewrites: [
    {
      name: 'the first Transpose serves the readers of the second',
      before: `graph "g"
        input %x: float32[N,3,4]
        %a = Transpose(%x) {perm = [0,2,1]}
        %b = Relu(%a)
        %c = Transpose(%x) {perm = [0,2,1]}
        %y = Sub(%b, %c)
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3,4]
        %a = Transpose(%x) {perm = [0,2,1]}
        %b = Relu(%a)
        %y = Sub(%b, %a)
        output "y" = %y`,
    },
    {
      name: 'Unsqueezes by equal constants',
      before: `graph "g"
        input %x: float32[N,3]
        const %i: int64[1] = [2]
        const %j: int64[1] = [2]
        %a = Unsqueeze(%x, %i)
        %b = Unsqueeze(%x, %j)
        output "a" = %a
        output "b" = %b`,
      after: `graph "g"
        input %x: float32[N,3]
        const %i: int64[1] = [2]
        %a = Unsqueeze(%x, %i)
        output "a" = %a
        output "b" = %a`,
    },
  ],
  refusals: [
    {
      name: 'others',
      graph: `graph "g"
        input %x: float32[N,3,4]
        const %s: int64[2] = [0, -1]
        const %t: int64[2] = [-1, 12]
        %a = Transpose(%x) {perm = [0,2,1]}
        %b = Transpose(%x) {perm = [2,0,1]}
        %c = Reshape(%x, %s)
        %d = Reshape(%x, %t)
        %e = Flatten(%x)
        output "a" = %a
        output "b" = %b
        output "c" = %c
        output "d" = %d
        output "e" = %e`,
      reason: 'no other node does the same',
    },
  ],
});
