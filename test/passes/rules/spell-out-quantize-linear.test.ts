import { spellOutQuantizeLinear } from '../../../src/passes/rules/spell-out-quantize-linear.js';
import { describeRule } from '../../support/rules.js';

describeRule(spellOutQuantizeLinear, {
  rewrites: [
    {
      name: 'a type that nothing but the attribute tells',
      before: `graph "g"
        input %x: float32[N,2]
        const %s: float32[2] = [0.1, 0.2]
        %q = QuantizeLinear(%x, %s) {output_dtype = 3, axis = 1} "q" @[1 "q" "QuantizeLinear"]
        output "q" = %q`,
      after: `graph "g"
        input %x: float32[N,2]
        const %s: float32[2] = [0.1, 0.2]
        const %z: int8[2] = [0, 0]
        %q = QuantizeLinear(%x, %s, %z) {axis = 1} "q" @[1 "q" "QuantizeLinear"]
        output "q" = %q`,
    },
    {
      name: 'a type that the zero point has',
      before: `graph "g"
        input %x: float32[N,2]
        const %s: float32[] = [0.1]
        const %z: uint8[] = [9]
        %q = QuantizeLinear(%x, %s, %z) {output_dtype = 2} "q"
        output "q" = %q`,
      after: `graph "g"
        input %x: float32[N,2]
        const %s: float32[] = [0.1]
        const %z: uint8[] = [9]
        %q = QuantizeLinear(%x, %s, %z) "q"
        output "q" = %q`,
    },
    {
      name: 'a type that the scale has',
      before: `graph "g"
        input %x: int8[N,2]
        const %s: float32[] = [0.1]
        %y = DequantizeLinear(%x, %s) {output_dtype = 1} "d"
        output "y" = %y`,
      after: `graph "g"
        input %x: int8[N,2]
        const %s: float32[] = [0.1]
        %y = DequantizeLinear(%x, %s) "d"
        output "y" = %y`,
    },
  ],
  refusals: [
    {
      name: 'a type that the scale does not have',
      graph: `graph "g"
        input %x: int8[N,2]
        const %s: float32[] = [0.1]
        %y = DequantizeLinear(%x, %s) {output_dtype = 10}
        output "y" = %y`,
      reason: 'its result is float16, its scale float32',
    },
    {
      name: 'a scale that the model computes',
      graph: `graph "g"
        input %x: float32[N,2]
        input %s: float32[]
        %q = QuantizeLinear(%x, %s) {output_dtype = 3}
        output "q" = %q`,
      reason: 'its scale is computed by the model',
    },
  ],
  untouched: [
    {
      name: 'types that follow from the inputs',
      graph:
        'graph "g"\ninput %x: float32[N]\nconst %s: float32[] = [0.1]\n%q = QuantizeLinear(%x, %s)\noutput "q" = %q',
    },
  ],
});
