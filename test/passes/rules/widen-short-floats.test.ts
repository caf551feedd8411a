import { widenShortFloats } from '../../../src/passes/rules/widen-short-floats.js';
import { describeRule } from '../../support/rules.js';

describeRule(widenShortFloats, {
  rewrites: [
    {
      name: 'a function of one operand',
      before: `graph "g"
        input %x: float16[N,3]
        %y = Gelu(%x) {approximate = "tanh"} "gelu" @[1 "gelu" "Gelu"]
        output "y" = %y`,
      after: `graph "g"
        input %x: float16[N,3]
        %"y/operand" = Cast(%x) {to = 1} "gelu" @[1 "gelu" "Gelu"]
        %"y/float32" = Gelu(%"y/operand") {approximate = "tanh"} "gelu" @[1 "gelu" "Gelu"]
        %y = Cast(%"y/float32") {to = 10} "gelu" @[1 "gelu" "Gelu"]
        output "y" = %y`,
      exactness: { relative: 2 ** -10, because: 'rounding to float32 first may tip a tie of float16' },
    },
    {
      name: 'a normalisation with its scale',
      before: `graph "g"
        input %x: bfloat16[N,3]
        input %s: bfloat16[3]
        %y = RMSNormalization(%x, %s) "rms"
        output "y" = %y`,
      after: `graph "g"
        input %x: bfloat16[N,3]
        input %s: bfloat16[3]
        %"y/operand" = Cast(%x) {to = 1} "rms"
        %"y/operand_1" = Cast(%s) {to = 1} "rms"
        %"y/float32" = RMSNormalization(%"y/operand", %"y/operand_1") "rms"
        %y = Cast(%"y/float32") {to = 16} "rms"
        output "y" = %y`,
      exactness: { relative: 2 ** -7, because: 'rounding to float32 first may tip a tie of bfloat16' },
    },
  ],
  untouched: [
    { name: 'float32', graph: 'graph "g"\ninput %x: float32[N]\n%y = Mish(%x)\noutput "y" = %y' },
    { name: 'what opset 17 has', graph: 'graph "g"\ninput %x: float16[N]\n%y = Tanh(%x)\noutput "y" = %y' },
  ],
});
