import { spellOutGelu } from '../../../src/passes/rules/spell-out-gelu.js';
import { describeRule } from '../../support/rules.js';

/** The gate cancels down to the rounding of 1, and x is at most 8. */
const exactness = { relative: 2 ** -22, because: 'each of seven operations rounds to float32' };

describeRule(spellOutGelu, {
  rewrites: [
    {
      name: 'the exact form, of any shape',
      before: `graph "g"
        input %x: float32[N,3]
        %y = Gelu(%x) "gelu" @[1 "gelu" "Gelu"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,3]
        const %r: float32[] = [0.70710677]
        const %one: float32[] = [1]
        const %h: float32[] = [0.5]
        %"y/argument" = Mul(%x, %r) "gelu" @[1 "gelu" "Gelu"]
        %"y/erf" = Erf(%"y/argument") "gelu" @[1 "gelu" "Gelu"]
        %"y/gate" = Add(%"y/erf", %one) "gelu" @[1 "gelu" "Gelu"]
        %"y/half" = Mul(%x, %h) "gelu" @[1 "gelu" "Gelu"]
        %y = Mul(%"y/half", %"y/gate") "gelu" @[1 "gelu" "Gelu"]
        output "y" = %y`,
      exactness,
    },
    {
      name: 'the approximation by tanh',
      before: `graph "g"
        input %x: float32[2,N,3]
        %y = Gelu(%x) {approximate = "tanh"} "gelu"
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[2,N,3]
        const %c: float32[] = [0.044715]
        const %one: float32[] = [1]
        const %s: float32[] = [0.7978846]
        const %one2: float32[] = [1]
        const %h: float32[] = [0.5]
        %"y/square" = Mul(%x, %x) "gelu"
        %"y/bent" = Mul(%"y/square", %c) "gelu"
        %"y/slope" = Add(%"y/bent", %one) "gelu"
        %"y/scaled" = Mul(%x, %s) "gelu"
        %"y/argument" = Mul(%"y/scaled", %"y/slope") "gelu"
        %"y/tanh" = Tanh(%"y/argument") "gelu"
        %"y/gate" = Add(%"y/tanh", %one2) "gelu"
        %"y/half" = Mul(%x, %h) "gelu"
        %y = Mul(%"y/half", %"y/gate") "gelu"
        output "y" = %y`,
      exactness,
    },
  ],
  refusals: [
    {
      name: 'float64, which float32 constants would spoil',
      graph: `graph "g"
        input %x: float64[N]
        %y = Gelu(%x)
        output "y" = %y`,
      reason: 'the data are not float32',
    },
  ],
});
