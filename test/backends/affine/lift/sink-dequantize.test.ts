import { sinkDequantize } from '../../../../src/backends/affine/lift/sink-dequantize.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

const BEFORE = `graph "g"
    input %x: int8[N,2,3]
    const %xs: float32[] = [0.3]
    const %xz: int8[] = [1]
    const %ws: float32[2] = [0.3, 0.7]
    const %wz: int8[2] = [0, 2]
    const %pads: int64[6] = [0, 0, 1, 0, 0, 0]`;

const feeds = { ranges: { x: [-128, 128] } } as const;

describeRule(
  sinkDequantize,
  {
    rewrites: [
      {
        name: 'below a mover whose result is read as real numbers',
        before: `${BEFORE}
    %xr = DequantizeLinear(%x, %xs, %xz)
    %f = Flatten(%xr) "flat" @[3 "flat" "Flatten"]
    %y = Softmax(%f)
    output "y" = %y`,
        after: `graph "g"
    input %x: int8[N,2,3]
    const %xs: float32[] = [0.3]
    const %xz: int8[] = [1]
    %"f/integers" = Flatten(%x) "flat" @[3 "flat" "Flatten"]
    %f = DequantizeLinear(%"f/integers", %xs, %xz) "flat" @[3 "flat" "Flatten"]
    %y = Softmax(%f)
    output "y" = %y`,
        feeds,
      },
      {
        name: 'below a Transpose of scales for each channel',
        before: `${BEFORE}
    %xr = DequantizeLinear(%x, %ws, %wz) {axis = 1}
    %y = Transpose(%xr) {perm = [1, 2, 0]}
    output "y" = %y`,
        after: `graph "g"
    input %x: int8[N,2,3]
    const %ws: float32[2] = [0.3, 0.7]
    const %wz: int8[2] = [0, 2]
    %"y/integers" = Transpose(%x) {perm = [1, 2, 0]}
    %y = DequantizeLinear(%"y/integers", %ws, %wz) {axis = 0}
    output "y" = %y`,
        feeds,
      },
      {
        name: 'below a Pad, which pads with the zero point',
        before: `${BEFORE}
    %xr = DequantizeLinear(%x, %xs, %xz)
    %y = Pad(%xr, %pads)
    output "y" = %y`,
        after: `graph "g"
    input %x: int8[N,2,3]
    const %pads: int64[6] = [0, 0, 1, 0, 0, 0]
    const %p: int8[] = [1]
    const %xs: float32[] = [0.3]
    const %xz: int8[] = [1]
    %"y/integers" = Pad(%x, %pads, %p)
    %y = DequantizeLinear(%"y/integers", %xs, %xz)
    output "y" = %y`,
        feeds,
      },
    ],
    refusals: [
      {
        name: 'several scales below a Reshape',
        graph: `${BEFORE}
    const %shape: int64[2] = [-1, 6]
    %xr = DequantizeLinear(%x, %ws, %wz) {axis = 1}
    %y = Reshape(%xr, %shape)
    output "y" = %y`,
        reason: 'the tensor has several scales',
      },
      {
        name: 'tensors of different scales',
        graph: `${BEFORE}
    const %one: float32[] = [1]
    %xr = DequantizeLinear(%x, %xs, %xz)
    %xo = DequantizeLinear(%x, %one, %xz)
    %y = Concat(%xr, %xo) {axis = 0}
    output "y" = %y`,
        reason: 'the tensors have several scales',
      },
      {
        name: 'padding with something else than 0',
        graph: `${BEFORE}
    const %one: float32[] = [1]
    %xr = DequantizeLinear(%x, %xs, %xz)
    %y = Pad(%xr, %pads, %one)
    output "y" = %y`,
        reason: 'the padding is not 0',
      },
    ],
    untouched: [
      {
        name: 'a mover whose result is quantised at once',
        graph: `${BEFORE}
    %xr = DequantizeLinear(%x, %xs, %xz)
    %f = Flatten(%xr)
    %y = QuantizeLinear(%f, %xs, %xz)
    output "y" = %y`,
      },
    ],
  },
  AFFINE_RULES,
);
