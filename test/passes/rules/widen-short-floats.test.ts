import { widenShortFloats } from '../../../src/passes/rules/widen-short-floats.js';
import { describeRule } from '../../support/rules.js';

const ofOne = (op: string) => ({
  name: op,
  before: `graph "g"
    input %x: float16[N,3]
    %y = ${op}(%x) "act"
    output "y" = %y`,
  after: `graph "g"
    input %x: float16[N,3]
    %"y/operand" = Cast(%x) {to = 1} "act"
    %"y/float32" = ${op}(%"y/operand") "act"
    %y = Cast(%"y/float32") {to = 10} "act"
    output "y" = %y`,
  exactness: { relative: 2 ** -10, because: 'rounding to float32 first may tip a tie of float16' },
});

describeRule(widenShortFloats, {
  rewrites: [
    ofOne('Mish'),
    ofOne('Swish'),
    {
      name: 'GroupNormalization',
      before: `graph "g"
        input %x: float16[N,4,3]
        input %s: float16[4]
        %y = GroupNormalization(%x, %s, %s) {num_groups = 2} "norm"
        output "y" = %y`,
      after: `graph "g"
        input %x: float16[N,4,3]
        input %s: float16[4]
        %"y/operand" = Cast(%x) {to = 1} "norm"
        %"y/operand_1" = Cast(%s) {to = 1} "norm"
        %"y/operand_2" = Cast(%s) {to = 1} "norm"
        %"y/float32" = GroupNormalization(%"y/operand", %"y/operand_1", %"y/operand_2") {num_groups = 2} "norm"
        %y = Cast(%"y/float32") {to = 10} "norm"
        output "y" = %y`,
      exactness: { relative: 2 ** -9, because: 'float16 statistics are rounded before they are used' },
    },
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
