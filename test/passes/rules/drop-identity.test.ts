import { dropIdentity } from '../../../src/passes/rules/drop-identity.js';
import { describeRule, type RefusalCase, type RewriteCase } from '../../support/rules.js';

const dropped = (name: string, results: string, call: string): RewriteCase => ({
  name,
  before: `graph "g"
input %x: float32[N,3]
const %ratio: float32[] = [0.5]
const %off: bool[] = [0]
%a = Relu(%x) "a"
${results} = ${call} "b" @[1 "b" "Op"]
%y = Neg(%b) "y"
output "y" = %y`,
  after: `graph "g"
input %x: float32[N,3]
%a = Relu(%x) "a"
%y = Neg(%a) "y"
output "y" = %y`,
});

const refusal = (name: string, text: string, reason: string): RefusalCase => ({
  name,
  graph: `graph "g"
input %x: float32[N,3]
input %training: bool[]
${text}`,
  reason,
});

describeRule(dropIdentity, {
  rewrites: [
    dropped('Identity', '%b', 'Identity(%a)'),
    dropped('Dropout', '%b', 'Dropout(%a)'),
    dropped('Dropout with a mask that nothing reads', '%b, %mask', 'Dropout(%a, %ratio)'),
    dropped('Dropout with inputs that switch it off', '%b', 'Dropout(%a, _, %off)'),
    dropped('Sum of one', '%b', 'Sum(%a)'),
    dropped('Mean of one', '%b', 'Mean(%a)'),
    dropped('Max of one', '%b', 'Max(%a)'),
    dropped('Min of one', '%b', 'Min(%a)'),
    dropped('Concat of one', '%b', 'Concat(%a) {axis = -1}'),
    {
      name: 'between input and output, both of which keep their names',
      before: `graph "g"
input %x: float32[N]
%y = Identity(%x) "id"
output "first" = %y
output "second" = %y`,
      after: `graph "g"
input %x: float32[N]
output "first" = %x
output "second" = %x`,
    },
    {
      name: 'a chain of several',
      before: `graph "g"
input %x: float32[N]
%a = Identity(%x)
%b = Dropout(%a)
%c = Neg(%b)
%y = Identity(%c)
output "y" = %y
output "b" = %b`,
      after: `graph "g"
input %x: float32[N]
%c = Neg(%x)
output "y" = %c
output "b" = %x`,
    },
    {
      name: 'of a constant',
      before: `graph "g"
input %x: float32[2]
const %c: float32[2] = [1, 2]
%i = Identity(%c)
%y = Add(%x, %i)
output "y" = %y
output "c" = %i`,
      after: `graph "g"
input %x: float32[2]
const %c: float32[2] = [1, 2]
%y = Add(%x, %c)
output "y" = %y
output "c" = %c`,
    },
  ],
  refusals: [
    refusal(
      'a mask that is read',
      '%y, %m = Dropout(%x)\n%c = Cast(%m) {to = 1}\noutput "y" = %y\noutput "c" = %c',
      'its mask is read',
    ),
    refusal(
      'a mask that is a graph output',
      '%y, %m = Dropout(%x)\noutput "y" = %y\noutput "m" = %m',
      'its mask is read',
    ),
    refusal(
      'a computed training mode',
      '%y = Dropout(%x, _, %training)\noutput "y" = %y',
      'its training mode is computed',
    ),
  ],
});
