import { spellOutMish } from '../../../src/passes/rules/spell-out-mish.js';
import { describeRule } from '../../support/rules.js';

describeRule(spellOutMish, {
  rewrites: [
    {
      name: 'the operator',
      before: `graph "g"
        input %x: float32[N,3]
        %y = Mish(%x) "mish" @[1 "mish" "Mish"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        %"y/softplus" = Softplus(%x) "mish" @[1 "mish" "Mish"]
        %"y/tanh" = Tanh(%"y/softplus") "mish" @[1 "mish" "Mish"]
        %y = Mul(%x, %"y/tanh") "mish" @[1 "mish" "Mish"]
        output "y" = %y`,
      exactness: { relative: 2 ** -22, because: 'each of three operations rounds to float32' },
    },
  ],
  refusals: [
    {
      name: 'float64',
      graph: 'graph "g"\ninput %x: float64[N]\n%y = Mish(%x)\noutput "y" = %y',
      reason: 'the data are not float32',
    },
  ],
});
