import { spellOutSwish } from '../../../src/passes/rules/spell-out-swish.js';
import { describeRule } from '../../support/rules.js';

const exactness = { relative: 2 ** -22, because: 'each of three operations rounds to float32' };

describeRule(spellOutSwish, {
  rewrites: [
    {
      name: 'with its own slope',
      before: `graph "g"
        input %x: float32[N,3]
        %y = Swish(%x) {alpha = 1.702} "swish" @[1 "swish" "Swish"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        const %a: float32[] = [1.702]
        %"y/argument" = Mul(%x, %a) "swish" @[1 "swish" "Swish"]
        %"y/sigmoid" = Sigmoid(%"y/argument") "swish" @[1 "swish" "Swish"]
        %y = Mul(%x, %"y/sigmoid") "swish" @[1 "swish" "Swish"]
        output "y" = %y`,
      exactness,
    },
    {
      name: 'of slope 1',
      before: `graph "g"
        input %x: float32[N,3]
        %y = Swish(%x) "swish"
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        %"y/sigmoid" = Sigmoid(%x) "swish"
        %y = Mul(%x, %"y/sigmoid") "swish"
        output "y" = %y`,
      exactness,
    },
  ],
  refusals: [
    {
      name: 'float64',
      graph: 'graph "g"\ninput %x: float64[N]\n%y = Swish(%x)\noutput "y" = %y',
      reason: 'the data are not float32',
    },
  ],
});
