import { labelOutputs } from '../../src/passes/label-outputs.js';
import { describePass } from '../support/rules.js';

describePass(labelOutputs('inner'), {
  rewrites: [
    {
      name: 'a value that delivers an output under another label',
      before: `graph "g"
input %x: float32[N,2]
%a = Relu(%x)
%b = Neg(%a)
output "y" = %b`,
      after: `graph "g"
input %x: float32[N,2]
%a = Relu(%x)
%y = Neg(%a)
output "y" = %y`,
    },
    {
      name: 'and the value that bears the label meanwhile',
      before: `graph "g"
input %x: float32[N,2]
%y = Relu(%x)
%b = Neg(%y)
output "y" = %b`,
      after: `graph "g"
input %x: float32[N,2]
%"y/inner" = Relu(%x)
%y = Neg(%"y/inner")
output "y" = %y`,
    },
    {
      name: 'two outputs whose labels are exchanged',
      before: `graph "g"
input %x: float32[N,2]
%y = Relu(%x)
%z = Neg(%x)
output "z" = %y
output "y" = %z`,
      after: `graph "g"
input %x: float32[N,2]
%z = Relu(%x)
%y = Neg(%x)
output "z" = %z
output "y" = %y`,
    },
    {
      name: 'a value of two outputs once, and inputs and constants never',
      before: `graph "g"
input %x: float32[N,2]
const %c: float32[2] = [1, 2]
%a = Add(%x, %c)
output "y" = %a
output "z" = %a
output "copy" = %x
output "weights" = %c`,
      after: `graph "g"
input %x: float32[N,2]
const %c: float32[2] = [1, 2]
%y = Add(%x, %c)
output "y" = %y
output "z" = %y
output "copy" = %x
output "weights" = %c`,
    },
  ],
});
