import { liftCastPair } from '../../../../src/backends/tinpu/lift/lift-cast.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const pair = (dtype: string, there: number, back: number): string => `graph "g"
  input %x: ${dtype}[N,2]
  %f = Cast(%x) {to = 1}
  %t = Cast(%f) {to = ${there}} "there"
  %b = Cast(%t) {to = ${back}} "back"
  %y = Neg(%b) "last"
  output "y" = %y`;

describeRule(
  liftCastPair,
  {
    rewrites: [6, 7].map((there) => ({
      name: `integers through type ${there}`,
      before: pair('int8', there, 1),
      after: `graph "g"
        input %x: int8[N,2]
        %b = Cast(%x) {to = 1} "back"
        %y = Neg(%b) "last"
        output "y" = %y`,
      feeds: { ranges: { x: [-128, 128] } } as const,
    })),
    refusals: [
      {
        name: 'a type that does not hold them',
        graph: pair('int16', 3, 1),
        reason: 'int8 does not hold -32768 … 32767',
      },
      { name: 'a way back to doubles', graph: pair('int8', 6, 11), reason: 'do not come back as float32' },
    ],
  },
  TINPU_RULES,
);
