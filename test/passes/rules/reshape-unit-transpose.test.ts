import { reshapeUnitTranspose } from '../../../src/passes/rules/reshape-unit-transpose.js';
import { describeRule } from '../../support/rules.js';

describeRule(reshapeUnitTranspose, {
  rewrites: [
    {
      name: 'a channel axis of size 1 moves past others, the batch staying symbolic',
      before: `graph "g"
        input %x: float32[N,49,40,1]
        %y = Transpose(%x) {perm = [0,3,1,2]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,49,40,1]
        const %shape: int64[4] = [0, 1, 49, 40]
        %y = Reshape(%x, %shape)
        output "y" = %y`,
    },
    {
      name: 'symbolic sizes beside the batch',
      before: `graph "g"
        input %x: float32[N,1,L]
        %y = Transpose(%x) {perm = [0,2,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,1,L]
        const %shape: int64[3] = [0, -1, 1]
        %y: float32[N,L,1] = Reshape(%x, %shape)
        output "y" = %y`,
    },
    {
      name: 'axes of size 1 change places among themselves',
      before: `graph "g"
        input %x: int32[1,3,1]
        %a = Transpose(%x) {perm = [2,1,0]}
        %y = Neg(%a)
        output "y" = %y`,
      after: `graph "g"
        input %x: int32[1,3,1]
        %y = Neg(%x)
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'axes that stay',
      graph: `graph "g"
        input %x: float32[N,1,3]
        %y = Transpose(%x) {perm = [0,1,2]}
        output "y" = %y`,
      reason: 'the axes stay where they are',
    },
    {
      name: 'axes that hold more than one element',
      graph: `graph "g"
        input %x: float32[N,2,3]
        %y = Transpose(%x) {perm = [0,2,1]}
        output "y" = %y`,
      reason: 'axes larger than 1 change places',
    },
    {
      name: 'two sizes that only a running graph knows',
      graph: `graph "g"
        input %x: float32[N,1,L,M]
        %y = Transpose(%x) {perm = [0,2,3,1]}
        output "y" = %y`,
      reason: 'no constant expresses',
    },
    {
      name: 'a symbolic axis, which may hold more than one element',
      graph: `graph "g"
        input %x: float32[N,3]
        %y = Transpose(%x) {perm = [1,0]}
        output "y" = %y`,
      reason: 'axes larger than 1 change places',
    },
  ],
});
