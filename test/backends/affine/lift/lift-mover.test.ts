import { liftMover } from '../../../../src/backends/affine/lift/lift-mover.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

const BEFORE = `graph "g"
    input %a: int4[N,2,2]
    input %b: int8[N,2,2]
    const %as: float32[] = [0.5]
    const %az: int4[] = [1]
    const %ys: float32[] = [0.25]
    const %yz: int8[] = [-1]
    const %pads: int64[6] = [0, 0, 1, 0, 0, 0]
    const %c: float32[1,2,2] = [1, 2, 3, 400]
    %ar = DequantizeLinear(%a, %as, %az)
    %br = DequantizeLinear(%b, %ys, %yz)`;

const feeds = { ranges: { a: [-8, 8], b: [-128, 128] } } as const;

/** Twice (integer − 1), − 1, of all integers of 4 bits. */
const TABLE = 'const %t: int8[16] = [-19, -17, -15, -13, -11, -9, -7, -5, -3, -1, 1, 3, 5, 7, 9, 11]';

describeRule(
  liftMover,
  {
    rewrites: [
      {
        name: 'a Concat, bringing one operand and a constant to the scale of the result',
        before: `${BEFORE}
    const %one: float32[1,2,2] = [1, 2, 3, 4]
    %m = Concat(%ar, %br) {axis = 1} "cat" @[4 "cat" "Concat"]
    %y = QuantizeLinear(%m, %ys, %yz) "q" @[5 "q" "QuantizeLinear"]
    output "y" = %y`,
        after: `graph "g"
    input %a: int4[N,2,2]
    input %b: int8[N,2,2]
    ${TABLE}
    %"ar/rescaled": int8[N,2,2]<0.25 s8 -1> = qa.Table(%a, %t)
    %y: int8[N,4,2]<0.25 s8 -1> = Concat(%"ar/rescaled", %b) {axis = 1} "q" @[4 "cat" "Concat", 5 "q" "QuantizeLinear"]
    output "y" = %y`,
        feeds,
      },
      {
        name: 'a Max with a constant, which saturates',
        before: `${BEFORE}
    %m = Max(%br, %c)
    %y = QuantizeLinear(%m, %ys, %yz)
    output "y" = %y
    output "a" = %ar`,
        after: `graph "g"
    input %a: int4[N,2,2]
    input %b: int8[N,2,2]
    const %as: float32[] = [0.5]
    const %az: int4[] = [1]
    const %c: int8[1,2,2] = [3, 7, 11, 127]
    %ar = DequantizeLinear(%a, %as, %az)
    %y: int8[N,2,2]<0.25 s8 -1> = Max(%b, %c)
    output "y" = %y
    output "a" = %ar`,
        feeds,
      },
      {
        name: 'a Pad without a value, which pads with the zero point, and a Relu behind it',
        before: `${BEFORE}
    %m = Pad(%br, %pads)
    %r = Relu(%m)
    %y = QuantizeLinear(%r, %ys, %yz)
    output "y" = %y
    output "a" = %ar`,
        after: `graph "g"
    input %a: int4[N,2,2]
    input %b: int8[N,2,2]
    const %as: float32[] = [0.5]
    const %az: int4[] = [1]
    const %pads: int64[6] = [0, 0, 1, 0, 0, 0]
    const %p: int8[] = [-1]
    const %t: int8[256] = *
    %ar = DequantizeLinear(%a, %as, %az)
    %"y/moved": int8[N,2,3]<0.25 s8 -1> = Pad(%b, %pads, %p)
    %y: int8[N,2,3]<0.25 s8 -1> = qa.Table(%"y/moved", %t)
    output "y" = %y
    output "a" = %ar`,
        feeds,
      },
      {
        name: 'a MaxPool of 4 bits',
        before: `${BEFORE}
    %m = MaxPool(%ar) {kernel_shape = [2], pads = [1, 0]}
    %y = QuantizeLinear(%m, %as, %az)
    output "y" = %y
    output "b" = %br`,
        after: `graph "g"
    input %a: int4[N,2,2]
    input %b: int8[N,2,2]
    const %ys: float32[] = [0.25]
    const %yz: int8[] = [-1]
    %br = DequantizeLinear(%b, %ys, %yz)
    %y: int4[N,2,2]<0.5 s4 1> = MaxPool(%a) {kernel_shape = [2], pads = [1, 0]}
    output "y" = %y
    output "b" = %br`,
        feeds,
      },
    ],
    refusals: [
      {
        name: 'an operand that is real',
        graph: `${BEFORE}
    input %f: float32[N,2,2]
    %m = Concat(%ar, %f) {axis = 1}
    %y = QuantizeLinear(%m, %ys, %yz)
    output "y" = %y
    output "b" = %br`,
        reason: "'f' is not dequantised from one scale",
      },
      {
        name: 'a Resize that interpolates',
        graph: `${BEFORE}
    const %sizes: int64[3] = [1, 4, 4]
    %m = Resize(%br, _, _, %sizes) {mode = "linear"}
    %y = QuantizeLinear(%m, %ys, %yz)
    output "y" = %y
    output "a" = %ar`,
        reason: 'Resize interpolates',
      },
    ],
  },
  AFFINE_RULES,
);
