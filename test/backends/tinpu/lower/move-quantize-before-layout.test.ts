import { moveQuantizeBeforeLayout } from '../../../../src/backends/tinpu/lower/move-quantize-before-layout.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

/** A layout of the input, then its quantisation, before and after. */
const moved = (name: string, call: (x: string) => string, shape: string, consts = '') => ({
  name,
  before: `graph "g"
    input %x: float32[N,3,4]
    ${consts}
    %a = ${call('%x')} "layout" @[0 "layout" "Layout"]
    %y: int8[${shape}]<0.0625 s8> = q.Quantize(%a) {scale = 0.0625, lo = -128, hi = 127} "x"
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,3,4]
    ${consts}
    %"y/quantized": int8[N,3,4]<0.0625 s8> = q.Quantize(%x) {scale = 0.0625, lo = -128, hi = 127} "x" @[0 "layout" "Layout"]
    %y: int8[${shape}]<0.0625 s8> = ${call('%"y/quantized"')} "x" @[0 "layout" "Layout"]
    output "y" = %y`,
});

describeRule(
  moveQuantizeBeforeLayout,
  {
    rewrites: [
      moved('Flatten', (x) => `Flatten(${x}) {axis = 1}`, 'N,12'),
      moved('Transpose', (x) => `Transpose(${x}) {perm = [0, 2, 1]}`, 'N,4,3'),
      moved('Reshape', (x) => `Reshape(${x}, %s)`, 'N,2,6', 'const %s: int64[3] = [0, 2, 6]'),
      moved('Unsqueeze', (x) => `Unsqueeze(${x}, %s)`, 'N,1,3,4', 'const %s: int64[1] = [1]'),
    ],
    refusals: [
      {
        name: 'a layout that others read in float',
        graph: `graph "g"
          input %x: float32[N,3,4]
          %a = Flatten(%x) {axis = 1}
          %y = q.Quantize(%a) {scale = 0.0625, lo = -128, hi = 127}
          %z = Tanh(%a)
          output "y" = %y
          output "z" = %z`,
        reason: "'a' has other readers",
      },
    ],
    untouched: [
      {
        name: 'MaxPool, in front of which the input sequence would have more to do',
        graph: `graph "g"
          input %x: float32[N,1,4,4]
          %a = MaxPool(%x) {kernel_shape = [2, 2], strides = [2, 2]}
          %y = q.Quantize(%a) {scale = 0.0625, lo = -128, hi = 127}
          output "y" = %y`,
      },
    ],
  },
  TINPU_RULES,
);
