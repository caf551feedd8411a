import { fixDynamicOperand } from '../../../src/passes/rules/fix-dynamic-operand.js';
import { describeRule } from '../../support/rules.js';

/** %n: the batch size of %x [N,4]; %zero, %one, %four: lists of one integer. */
const HEAD = `graph "g"
input %x: float32[N,4]
const %index: int64[1] = [0]
const %zero: int64[1] = [0]
const %one: int64[1] = [1]
const %four: int64[1] = [4]
%sizes = Shape(%x)
%n = Gather(%sizes, %index)`;

describeRule(fixDynamicOperand, {
  rewrites: [
    {
      name: 'Expand to the batch size of the data',
      before: `${HEAD}
%target = Concat(%four, %n, %four) {axis = 0}
%y = Expand(%x, %target)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,4]
const %target: int64[3] = [4, 1, 4]
%y = Expand(%x, %target)
output "y" = %y`,
    },
    {
      name: 'Slice up to the batch size',
      before: `${HEAD}
%y = Slice(%x, %zero, %n, %index)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,4]
const %zero: int64[1] = [0]
const %end: int64[1] = [2147483647]
const %axes: int64[1] = [0]
%y = Slice(%x, %zero, %end, %axes)
output "y" = %y`,
    },
    {
      name: 'Slice of the first axes, which it does not name',
      before: `${HEAD}
%y = Slice(%x, %zero, %n)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,4]
const %zero: int64[1] = [0]
const %end: int64[1] = [2147483647]
%y = Slice(%x, %zero, %end)
output "y" = %y`,
    },
    {
      name: 'Slice along another axis by sizes that are known, with a step',
      before: `graph "g"
input %x: float32[N,4]
const %zero: int32[1] = [0]
const %one: int32[1] = [1]
const %axis: int32[1] = [1]
const %steps: int32[1] = [2]
%sizes = Shape(%x)
%small = Cast(%sizes) {to = 6}
%end = Gather(%small, %axis)
%y = Slice(%x, %one, %end, %axis, %steps)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,4]
const %one: int32[1] = [1]
const %end: int32[1] = [4]
const %axis: int32[1] = [1]
const %steps: int32[1] = [2]
%y = Slice(%x, %one, %end, %axis, %steps)
output "y" = %y`,
    },
    {
      name: 'Slice backwards from the batch size',
      before: `${HEAD}
const %low: int64[1] = [-9223372036854775807]
const %back: int64[1] = [-1]
%y: float32[N,4] = Slice(%x, %n, %low, %zero, %back)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,4]
const %start: int64[1] = [2147483647]
const %low: int64[1] = [-9223372036854775807]
const %zero: int64[1] = [0]
const %back: int64[1] = [-1]
%y: float32[N,4] = Slice(%x, %start, %low, %zero, %back)
output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'Expand that repeats the data as often as another size says',
      graph: `${HEAD}
const %row: float32[1,4] = [1, 2, 3, 4]
%target = Concat(%n, %four) {axis = 0}
%y = Expand(%row, %target)
output "y" = %y`,
      reason: 'sizes that are not those of the data',
    },
    {
      name: 'Slice that starts at a size',
      graph: `${HEAD}
%z = Concat(%x, %x) {axis = 0}
%y = Slice(%z, %n, %four, %zero)
output "y" = %y`,
      reason: 'sizes that are not those of the data',
    },
    {
      name: 'Slice backwards from another size',
      graph: `${HEAD}
const %low: int64[1] = [-9223372036854775807]
const %back: int64[1] = [-1]
%z = Concat(%x, %x) {axis = 0}
%y = Slice(%z, %n, %low, %zero, %back)
output "y" = %y`,
      reason: 'sizes that are not those of the data',
    },
    {
      name: 'operands that the data decide',
      graph: `graph "g"
input %x: float32[N,4]
input %start: int64[1]
const %four: int64[1] = [4]
%y = Slice(%x, %start, %four)
output "y" = %y`,
      reason: 'known only once the graph runs',
    },
  ],
});
