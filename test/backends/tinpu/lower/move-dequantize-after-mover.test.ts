import { moveDequantizeAfterMover } from '../../../../src/backends/tinpu/lower/move-dequantize-after-mover.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

/** Movers stay in float where their name says so. */
const rule = moveDequantizeAfterMover(({ name }) => name !== 'float');

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
  rule,
  {
    rewrites: [
      moved('Flatten', (x) => `Flatten(${x}) {axis = 1}`, 'N,24'),
      moved('Transpose', (x) => `Transpose(${x}) {perm = [0, 2, 3, 1]}`, 'N,4,2,3'),
      moved('Reshape', (x) => `Reshape(${x}, %s)`, 'N,12,2', 'const %s: int64[3] = [0, 12, 2]'),
      moved('Unsqueeze', (x) => `Unsqueeze(${x}, %s)`, 'N,3,1,4,2', 'const %s: int64[1] = [2]'),
      moved('Slice', (x) => `Slice(${x}, %s, %e, %s)`, 'N,2,4,2', 'const %s: int64[1] = [1]\nconst %e: int64[1] = [3]'),
      moved('Pad', (x) => `Pad(${x}, %s)`, 'N,3,6,2', 'const %s: int64[8] = [0, 0, 1, 0, 0, 0, 1, 0]'),
      moved(
        'Pad that mirrors',
        (x) => `Pad(${x}, %s) {mode = "reflect"}`,
        'N,3,6,2',
        'const %s: int64[8] = [0, 0, 1, 0, 0, 0, 1, 0]',
      ),
      moved('Gather', (x) => `Gather(${x}, %s) {axis = 2}`, 'N,3,3,2', 'const %s: int64[3] = [3, 0, 0]'),
      moved('Tile', (x) => `Tile(${x}, %s)`, 'N,6,4,2', 'const %s: int64[4] = [1, 2, 1, 1]'),
      moved('Expand', (x) => `Expand(${x}, %s)`, '2,N,3,4,2', 'const %s: int64[5] = [2, 1, 3, 4, 2]'),
      moved('SpaceToDepth', (x) => `SpaceToDepth(${x}) {blocksize = 2}`, 'N,12,2,1'),
      moved('ReduceMax', (x) => `ReduceMax(${x}, %s)`, 'N,3,1,2', 'const %s: int64[1] = [2]'),
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
        name: 'a Pad with zeros, which integers have without a value',
        before: `graph "g"
          input %x: int8[N,4]
          const %pads: int64[4] = [0, 1, 0, 2]
          const %zero: float32[] = [0]
          %r = q.Dequantize(%x) {scale = 0.25} "fc"
          %y = Pad(%r, %pads, %zero) "pad"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,4]
          const %pads: int64[4] = [0, 1, 0, 2]
          %y: int8[N,7] = Pad(%x, %pads, _) "pad"
          %"y/dequantized" = q.Dequantize(%y) {scale = 0.25} "pad"
          output "y" = %"y/dequantized"`,
      },
      {
        name: 'a Concat of several tensors of one scale, one of them twice',
        before: `graph "g"
          input %x: int8[N,4]
          input %z: int8[N,2]
          %xr = q.Dequantize(%x) {scale = 0.25} "fc"
          %zr = q.Dequantize(%z) {scale = 0.25} "other"
          %y = Concat(%xr, %zr, %xr) {axis = 1} "cat" @[2 "cat" "Concat"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,4]
          input %z: int8[N,2]
          %y: int8[N,10] = Concat(%x, %z, %x) {axis = 1} "cat" @[2 "cat" "Concat"]
          %"y/dequantized" = q.Dequantize(%y) {scale = 0.25} "cat"
          output "y" = %"y/dequantized"`,
      },
      {
        name: 'a maximum of two tensors',
        before: `graph "g"
          input %x: uint8[N,4]
          input %z: uint8[1,4]
          %xr = q.Dequantize(%x) {scale = 0.25} "fc"
          %zr = q.Dequantize(%z) {scale = 0.25} "other"
          %y = Max(%xr, %zr) "max"
          output "y" = %y`,
        after: `graph "g"
          input %x: uint8[N,4]
          input %z: uint8[1,4]
          %y: uint8[N,4] = Max(%x, %z) "max"
          %"y/dequantized" = q.Dequantize(%y) {scale = 0.25} "max"
          output "y" = %"y/dequantized"`,
      },
      {
        name: 'a layout whose operand the model computes',
        before: `graph "g"
          input %x: int8[2,6]
          %shape = Shape(%x)
          %r = q.Dequantize(%x) {scale = 0.25}
          %y = Reshape(%r, %shape) "reshape"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[2,6]
          %shape = Shape(%x)
          %y: int8[2,6] = Reshape(%x, %shape) "reshape"
          %"y/dequantized" = q.Dequantize(%y) {scale = 0.25} "reshape"
          output "y" = %"y/dequantized"`,
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
        name: 'a mover of an island',
        graph: `graph "g"
          input %x: int8[N,4]
          %r = q.Dequantize(%x) {scale = 0.25}
          %y = Flatten(%r) {axis = 1} "float"
          output "y" = %y`,
        reason: 'the elements are moved in float',
      },
      {
        name: 'tensors of several scales',
        graph: `graph "g"
          input %x: int8[N,4]
          input %z: int8[N,4]
          %xr = q.Dequantize(%x) {scale = 0.25}
          %zr = q.Dequantize(%z) {scale = 0.5}
          %y = Concat(%xr, %zr) {axis = 1}
          output "y" = %y`,
        reason: 'the operands have several scales',
      },
      {
        name: 'integers beside real numbers',
        graph: `graph "g"
          input %x: int8[N,4]
          input %z: float32[N,4]
          %xr = q.Dequantize(%x) {scale = 0.25}
          %y = Concat(%xr, %z) {axis = 1}
          output "y" = %y`,
        reason: 'an operand is not dequantised',
      },
      {
        name: 'real numbers alone',
        graph: `graph "g"
          input %x: float32[N,4]
          %y = Flatten(%x) {axis = 1}
          output "y" = %y`,
        reason: 'no operand is dequantised',
      },
    ],
    untouched: [
      {
        name: 'a pool that averages, and float functions',
        graph: `graph "g"
          input %x: int8[N,1,4,4]
          input %f: float32[N,3]
          %r = q.Dequantize(%x) {scale = 0.25}
          %y = GlobalAveragePool(%r)
          %z = Sin(%f)
          output "y" = %y
          output "z" = %z`,
      },
    ],
  },
  TINPU_RULES,
);
