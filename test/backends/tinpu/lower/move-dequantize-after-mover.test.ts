import { moveDequantizeAfterLayout } from '../../../../src/backends/tinpu/lower/move-dequantize-after-layout.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

/** A dequantised map and one node that moves its elements, before and after. */
const moved = (name: string, call: (x: string) => string, shape: string, consts = '') => ({
  name,
  before: `graph "g"
    input %x: uint8[N,3,4,2]
    ${consts}
    %real = q.Dequantize(%x) {scale = 0.3} "conv"
    %y = ${call('%real')} "layout" @[4 "layout" "Layout"]
    output "y" = %y`,
  after: `graph "g"
    input %x: uint8[N,3,4,2]
    ${consts}
    %y: uint8[${shape}] = ${call('%x')} "layout" @[4 "layout" "Layout"]
    %"y/dequantized": float32[${shape}] = q.Dequantize(%y) {scale = 0.3} "layout"
    output "y" = %"y/dequantized"`,
});

describeRule(
  moveDequantizeAfterLayout,
  {
    rewrites: [
      moved('Flatten', (x) => `Flatten(${x}) {axis = 1}`, 'N,24'),
      moved('Transpose', (x) => `Transpose(${x}) {perm = [0, 2, 3, 1]}`, 'N,4,2,3'),
      moved('Reshape', (x) => `Reshape(${x}, %s)`, 'N,12,2', 'const %s: int64[3] = [0, 12, 2]'),
      moved('Unsqueeze', (x) => `Unsqueeze(${x}, %s)`, 'N,3,1,4,2', 'const %s: int64[1] = [2]'),
      moved('MaxPool', (x) => `MaxPool(${x}) {kernel_shape = [2, 2], pads = [1, 0, 0, 1]}`, 'N,3,4,2'),
      {
        name: 'a chain that ends behind the last one, at the scale and label of the tensor',
        before: `graph "g"
          input %x: float32[N,2,1,1]
          const %axes: int64[2] = [2, 3]
          %q: int8[N,2,1,1]<0.5 s8> = q.Quantize(%x) {scale = 0.5, lo = -128, hi = 127} "conv"
          %r = q.Dequantize(%q) {scale = 0.5} "conv"
          %a = Squeeze(%r, %axes) "squeeze" @[1 "squeeze" "Squeeze"]
          %b = Flatten(%a) {axis = 1} "flatten" @[2 "flatten" "Flatten"]
          output "b" = %b`,
        after: `graph "g"
          input %x: float32[N,2,1,1]
          const %axes: int64[2] = [2, 3]
          %q: int8[N,2,1,1]<0.5 s8> = q.Quantize(%x) {scale = 0.5, lo = -128, hi = 127} "conv"
          %a: int8[N,2]<0.5 s8> = Squeeze(%q, %axes) "squeeze" @[1 "squeeze" "Squeeze"]
          %b: int8[N,2]<0.5 s8> = Flatten(%a) {axis = 1} "flatten" @[2 "flatten" "Flatten"]
          %"b/dequantized" = q.Dequantize(%b) {scale = 0.5} "flatten"
          output "b" = %"b/dequantized"`,
      },
      {
        name: 'one of two readers of the real numbers',
        before: `graph "g"
          input %x: int8[N,4]
          %r = q.Dequantize(%x) {scale = 0.25} "fc"
          %y = Flatten(%r) {axis = 1} "flat"
          %z = Tanh(%r) "tanh"
          output "y" = %y
          output "z" = %z`,
        after: `graph "g"
          input %x: int8[N,4]
          %r = q.Dequantize(%x) {scale = 0.25} "fc"
          %y = Flatten(%x) {axis = 1} "flat"
          %"y/dequantized" = q.Dequantize(%y) {scale = 0.25} "flat"
          %z = Tanh(%r) "tanh"
          output "y" = %"y/dequantized"
          output "z" = %z`,
      },
    ],
    refusals: [
      {
        name: 'a layout whose operand the model computes',
        graph: `graph "g"
          input %x: int8[2,6]
          input %s: int64[2]
          %r = q.Dequantize(%x) {scale = 0.25}
          %y = Reshape(%r, %s)
          output "y" = %y`,
        reason: "'s' is not a constant",
      },
    ],
    untouched: [
      {
        name: 'a pool that averages, and a layout of real numbers',
        graph: `graph "g"
          input %x: int8[N,1,4,4]
          input %f: float32[N,3]
          %r = q.Dequantize(%x) {scale = 0.25}
          %y = GlobalAveragePool(%r)
          %z = Transpose(%f) {perm = [1, 0]}
          output "y" = %y
          output "z" = %z`,
      },
    ],
  },
  TINPU_RULES,
);
