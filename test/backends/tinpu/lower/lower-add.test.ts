import { lowerAdd } from '../../../../src/backends/tinpu/lower/lower-add.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const OPERANDS = `input %a: int8[N,2,3,3]
  input %b: uint8[N,2,3,3]`;
const REALS = `%ar = q.Dequantize(%a) {scale = 0.25} "conv1"
  %br = q.Dequantize(%b) {scale = 0.25} "conv2"`;
const SIGNED = '{scale = 0.25, lo = -128, hi = 127}';

const refused = (name: string, lines: string, reason: string) => ({
  name,
  graph: `graph "g"\n${lines}\n%y = q.Quantize(%s) ${SIGNED} "add"\noutput "y" = %y`,
  reason,
});

/* Scales are powers of two, so that real sums are exact and their quotients whole numbers. */
describeRule(
  lowerAdd,
  {
    rewrites: [
      {
        name: 'two tensors of one scale, whatever their signedness',
        before: `graph "g"
          ${OPERANDS}
          ${REALS}
          %s = Add(%ar, %br) "add" @[3 "add" "Add"]
          %y: int8[N,2,3,3]<0.25 s8> = q.Quantize(%s) ${SIGNED} "add"
          output "y" = %y`,
        after: `graph "g"
          ${OPERANDS}
          %y: int8[N,2,3,3]<0.25 s8> = q.Add(%a, %b) {lo = -128, hi = 127} "add" @[3 "add" "Add"]
          output "y" = %y`,
        feeds: { ranges: { a: [-128, 128], b: [0, 256] } },
      },
      {
        name: 'a residual of ten bits under Relu, which the range of the sum is',
        before: `graph "g"
          input %a: int16[N,2]
          input %b: uint8[N,2]
          ${REALS}
          %s = Add(%br, %ar) "add"
          %y: uint8[N,2]<0.25 u8> = q.Quantize(%s) {scale = 0.25, lo = 0, hi = 255} "add"
          output "y" = %y`,
        after: `graph "g"
          input %a: int16[N,2]
          input %b: uint8[N,2]
          %y: uint8[N,2]<0.25 u8> = q.Add(%b, %a) {lo = 0, hi = 255} "add"
          output "y" = %y`,
        feeds: { ranges: { a: [-512, 512], b: [0, 256] } },
      },
      {
        name: 'a tensor and itself',
        before: `graph "g"
          input %a: int8[N,4]
          %ar = q.Dequantize(%a) {scale = 0.5}
          %s = Add(%ar, %ar) "twice"
          %y = q.Quantize(%s) {scale = 0.5, lo = -128, hi = 127} "twice"
          output "y" = %y`,
        after: `graph "g"
          input %a: int8[N,4]
          %y = q.Add(%a, %a) {lo = -128, hi = 127} "twice"
          output "y" = %y`,
        feeds: { ranges: { a: [-128, 128] } },
      },
      {
        name: 'a constant, which rounds to the scale, ties to even, and broadcasts',
        // 0.25 / 0.5 rounds to 0, -0.75 / 0.5 to -2, 1e6 to what 16 bits hold. Real sums are whole steps but for these.
        before: `graph "g"
          input %a: int8[N,3,2,2]
          const %c: float32[3,1,1] = [2, -1.5, 1e6]
          %ar = q.Dequantize(%a) {scale = 0.5}
          %s = Add(%c, %ar) "shift"
          %y = q.Quantize(%s) {scale = 0.5, lo = -128, hi = 127} "shift"
          output "y" = %y`,
        after: `graph "g"
          input %a: int8[N,3,2,2]
          const %c: int16[3,1,1] = [4, -3, 32767]
          %y = q.Add(%c, %a) {lo = -128, hi = 127} "shift"
          output "y" = %y`,
        feeds: { ranges: { a: [-128, 128] } },
      },
      {
        name: 'tensors that broadcast into each other',
        before: `graph "g"
          input %a: int8[N,2,1,3]
          input %b: uint8[N,2,3,1]
          ${REALS}
          %s = Add(%ar, %br) "add"
          %y: int8[N,2,3,3] = q.Quantize(%s) ${SIGNED} "add"
          output "y" = %y`,
        after: `graph "g"
          input %a: int8[N,2,1,3]
          input %b: uint8[N,2,3,1]
          %y: int8[N,2,3,3] = q.Add(%a, %b) {lo = -128, hi = 127} "add"
          output "y" = %y`,
      },
    ],
    refusals: [
      refused(
        'a constant that is no number',
        'input %a: int8[N,2]\nconst %c: float32[2] = [1, inf]\n%ar = q.Dequantize(%a) {scale = 0.25}\n%s = Add(%ar, %c)',
        'a constant holds NaN or infinite values',
      ),
      refused(
        'operands of another scale than the sum',
        `${OPERANDS}\n${REALS.replace('0.25', '0.5')}\n%s = Add(%ar, %br)`,
        "'ar' has scale 0.5, the sum 0.25",
      ),
      refused(
        'real numbers',
        'input %a: int8[N,4]\ninput %b: float32[N,4]\n%ar = q.Dequantize(%a) {scale = 0.25}\n%s = Add(%ar, %b)',
        "'b' is not dequantised",
      ),
    ],
    untouched: [
      {
        name: 'a sum whose result stays real',
        graph: `graph "g"
          ${OPERANDS}
          ${REALS}
          %s = Add(%ar, %br)
          output "s" = %s`,
      },
    ],
  },
  TINPU_RULES,
);
