import { composeTransposes } from '../../../src/passes/rules/compose-transposes.js';
import { describeRule } from '../../support/rules.js';

describeRule(composeTransposes, {
  rewrites: [
    {
      name: 'two become one',
      before: `graph "g"
        input %x: float32[N,2,3,4]
        %a = Transpose(%x) {perm = [0,2,3,1]}
        %y = Transpose(%a) {perm = [0,3,2,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,2,3,4]
        %y = Transpose(%x) {perm = [0,1,3,2]}
        output "y" = %y`,
    },
    {
      name: 'a pair cancels, and the first stays for its other reader',
      before: `graph "g"
        input %x: float32[N,2,3]
        %a = Transpose(%x) {perm = [2,0,1]}
        %b = Transpose(%a) {perm = [1,2,0]}
        %y = Sub(%x, %b)
        %z = Neg(%a)
        output "y" = %y
        output "z" = %z`,
      after: `graph "g"
        input %x: float32[N,2,3]
        %a = Transpose(%x) {perm = [2,0,1]}
        %y = Sub(%x, %x)
        %z = Neg(%a)
        output "y" = %y
        output "z" = %z`,
    },
    {
      name: 'a permutation left out reverses the axes',
      before: `graph "g"
        input %x: float32[2,3,4]
        %a = Transpose(%x)
        %y = Transpose(%a) {perm = [0,2,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[2,3,4]
        %y = Transpose(%x) {perm = [2,0,1]}
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'a Transpose of something else',
      graph: `graph "g"
        input %x: float32[2,3]
        %a = Relu(%x)
        %y = Transpose(%a)
        output "y" = %y`,
      reason: 'Relu is not Transpose',
    },
  ],
});
