import { liftAdd, liftClippedAdd } from '../../../../src/backends/tinpu/lift/lift-add.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const WIDE = { ranges: { a: [-128, 128], b: [0, 256] } } as const;

describeRule(
  liftAdd,
  {
    rewrites: [
      {
        name: 'a sum of integers of two types',
        before: `graph "g"
          input %a: int8[N,3,2]
          input %b: uint8[3,1]
          %fa = Cast(%a) {to = 1}
          %fb = Cast(%b) {to = 1}
          %y = Add(%fa, %fb) "add" @[2 "add" "Add"]
          output "y" = %y`,
        after: `graph "g"
          input %a: int8[N,3,2]
          input %b: uint8[3,1]
          %y: int16[N,3,2] = q.Add(%a, %b) {lo = -128, hi = 382} "add" @[2 "add" "Add"]
          %"y/float" = Cast(%y) {to = 1} "add"
          output "y" = %"y/float"`,
        feeds: WIDE,
      },
      {
        name: 'a tensor twice, of the range that its producer clips to',
        before: `graph "g"
          input %a: int8[N,3]
          %c: int8[N,3] = q.Clip(%a) {lo = -3, hi = 100}
          %f = Cast(%c) {to = 1}
          %y = Add(%f, %f) "add"
          output "y" = %y`,
        after: `graph "g"
          input %a: int8[N,3]
          %c: int8[N,3] = q.Clip(%a) {lo = -3, hi = 100}
          %y: int16[N,3] = q.Add(%c, %c) {lo = -6, hi = 200} "add"
          %"y/float" = Cast(%y) {to = 1} "add"
          output "y" = %"y/float"`,
        feeds: WIDE,
      },
    ],
    refusals: [
      {
        name: 'an accumulator and a bias',
        graph: `graph "g"
          input %a: int32[N,3]
          const %bias: float32[3] = [1, 2, 3]
          %f = Cast(%a) {to = 1}
          %y = Add(%f, %bias)
          output "y" = %y`,
        reason: 'the terms are not both activations',
      },
      {
        name: 'tensors whose real numbers are added',
        graph: `graph "g"
          input %a: int8[N,3]
          %r = q.Dequantize(%a) {scale = 0.5}
          %y = Add(%r, %r)
          output "y" = %y`,
        reason: 'the terms are not both activations',
      },
      {
        name: 'sums of more than 16 bits',
        graph: `graph "g"
          input %a: int16[N,3]
          %f = Cast(%a) {to = 1}
          %y = Add(%f, %f)
          output "y" = %y`,
        reason: 'the sum reaches -65536 … 65534',
      },
    ],
  },
  TINPU_RULES,
);

describeRule(
  liftClippedAdd,
  {
    rewrites: [
      {
        name: 'sums of more than 16 bits',
        before: `graph "g"
          input %a: int16[N,3]
          input %b: int16[N,3]
          const %lo: float32[] = [-32768]
          const %hi: float32[] = [32767]
          %fa = Cast(%a) {to = 1}
          %fb = Cast(%b) {to = 1}
          %s = Add(%fa, %fb)
          %y = Clip(%s, %lo, %hi) "clip"
          output "y" = %y`,
        after: `graph "g"
          input %a: int16[N,3]
          input %b: int16[N,3]
          %y: int16[N,3] = q.Add(%a, %b) {lo = -32768, hi = 32767} "clip"
          %"y/float" = Cast(%y) {to = 1} "clip"
          output "y" = %"y/float"`,
        feeds: { ranges: { a: [-32768, 32768], b: [-32768, 32768] } },
      },
      {
        name: 'an activation and constants',
        before: `graph "g"
          input %a: int8[N,3]
          const %c: float32[3] = [-100, 0, 300]
          const %lo: float32[] = [-128]
          const %hi: float32[] = [127]
          %f = Cast(%a) {to = 1}
          %s = Add(%c, %f)
          %y = Clip(%s, %lo, %hi) "clip"
          output "y" = %y`,
        after: `graph "g"
          input %a: int8[N,3]
          const %c: int16[3] = [-100, 0, 300]
          %y: int8[N,3] = q.Add(%c, %a) {lo = -128, hi = 127} "clip"
          %"y/float" = Cast(%y) {to = 1} "clip"
          output "y" = %"y/float"`,
        feeds: WIDE,
      },
    ],
    refusals: [
      {
        name: 'an accumulator and a bias',
        graph: `graph "g"
          input %a: int32[N,3]
          const %bias: float32[3] = [1, 2, 3]
          const %lo: float32[] = [-128]
          const %hi: float32[] = [127]
          %f = Cast(%a) {to = 1}
          %s = Add(%f, %bias)
          %y = Clip(%s, %lo, %hi)
          output "y" = %y`,
        reason: 'the terms are not activations',
      },
      {
        name: 'a term that is a fraction',
        graph: `graph "g"
          input %a: int8[N,3]
          const %c: float32[3] = [1, 2.5, 3]
          const %lo: float32[] = [-128]
          const %hi: float32[] = [127]
          %f = Cast(%a) {to = 1}
          %s = Add(%f, %c)
          %y = Clip(%s, %lo, %hi)
          output "y" = %y`,
        reason: 'the terms are not activations',
      },
      {
        name: 'a sum that is left open above',
        graph: `graph "g"
          input %a: int16[N,3]
          const %lo: float32[] = [-128]
          %f = Cast(%a) {to = 1}
          %s = Add(%f, %f)
          %y = Clip(%s, %lo)
          output "y" = %y`,
        reason: 'the bounds are not 16-bit integers',
      },
    ],
  },
  TINPU_RULES,
);
