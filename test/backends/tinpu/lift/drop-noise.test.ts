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
      {
        name: 'a Cast to float64 and back',
        before: between('Cast(%w) {to = 1}', 'Floor(%i)', '').replace('%i =', '%w = Cast(%n) {to = 11}\n  %i ='),
        after: DROPPED,
      },
      {
        name: 'an Identity that names an output',
        before: `graph "g"
          input %x: float32[N,2]
          %n = Neg(%x)
          %y = Identity(%n)
          output "y" = %y`,
        after: `graph "g"
          input %x: float32[N,2]
          %n = Neg(%x)
          output "y" = %n`,
      },
      {
        name: 'an Identity between two bounds that a Clip states together',
        before: between('Identity(%c)', 'Relu(%i)', 'const %hi: float32[] = [2]').replace(
          '%i =',
          '%c = Clip(%n, _, %hi)\n  %i =',
        ),
        after: DROPPED.replace('%y = Floor(%n)', '%c = Clip(%n, _, %hi)\n %y = Relu(%c)').replace(
          '%n =',
          'const %hi: float32[] = [2]\n %n =',
        ),
      },
      {
        name: 'a Dropout in front of bounds',
        before: between('Dropout(%n)', 'Relu(%i)'),
        after: DROPPED.replace('Floor', 'Relu'),
      },
      { name: 'a Cast to the same type', before: between('Cast(%n) {to = 1}'), after: DROPPED },
    ],
    refusals: [
      {
        name: 'an Identity in front of bounds',
        graph: between('Identity(%c)', 'Relu(%i)', 'const %lo: float32[] = [-1]\n const %hi: float32[] = [2]').replace(
          '%i =',
          '%c = Clip(%n, %lo, %hi)\n  %i =',
        ),
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
        reason: 'the tensor behind the output is one of its own',
      },
    ],
    untouched: [{ name: 'a Cast to another type', graph: between('Cast(%n) {to = 6}', 'Neg(%i)') }],
  },
  TINPU_RULES,
);
