import { dropNoise } from '../../../../src/backends/tinpu/lift/drop-noise.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const between = (node: string, reader = 'Floor(%i)', consts = ''): string => `graph "g"
  input %x: float32[N,2]
  ${consts}
  %n = Neg(%x)
  %i = ${node}
  %y = ${reader} "last"
  output "y" = %y`;

const DROPPED = `graph "g"
  input %x: float32[N,2]
  %n = Neg(%x)
  %y = Floor(%n) "last"
  output "y" = %y`;

describeRule(
  dropNoise,
  {
    rewrites: [
      { name: 'an Identity', before: between('Identity(%n)'), after: DROPPED },
      { name: 'a Dropout in inference', before: between('Dropout(%n)'), after: DROPPED },
      { name: 'a Cast to the same type', before: between('Cast(%n) {to = 1}'), after: DROPPED },
    ],
    refusals: [
      {
        name: 'an Identity in front of bounds',
        graph: between('Identity(%n)', 'Relu(%i)'),
        reason: 'it separates a tensor from its bounds',
      },
      {
        name: 'an Identity that gives an output its tensor',
        graph: `graph "g"
          input %x: float32[N,2]
          %n = Neg(%x)
          %i = Identity(%n)
          output "i" = %i
          output "n" = %n`,
        reason: 'what nothing reads stands between nothing',
      },
    ],
    untouched: [{ name: 'a Cast to another type', graph: between('Cast(%n) {to = 6}', 'Neg(%i)') }],
  },
  TINPU_RULES,
);
