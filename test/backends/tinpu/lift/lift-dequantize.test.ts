import { liftDequantize, liftSplitDequantize } from '../../../../src/backends/tinpu/lift/lift-dequantize.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

const dequantised = (name: string, call: string, dims: string) => ({
  name,
  before: `graph "g"
    input %x: int8[N,2]
    const %s: float32[${dims}] = [0.3]
    %f = Cast(%x) {to = 1}
    %y = ${call} "out" @[2 "out" "Mul"]
    output "y" = %y`,
  after: `graph "g"
    input %x: int8[N,2]
    %y = q.Dequantize(%x) {scale = 0.30000001192092896} "out" @[2 "out" "Mul"]
    output "y" = %y`,
  feeds: { ranges: { x: [-128, 128] } } as const,
});

describeRule(
  liftDequantize,
  {
    rewrites: [
      dequantised('a factor behind', 'Mul(%f, %s)', ''),
      dequantised('a factor in front, of one axis', 'Mul(%s, %f)', '1'),
    ],
    refusals: [
      {
        name: 'a division that rounds in another way than a factor',
        graph: `graph "g"
          input %x: int8[N,2]
          const %s: float32[] = [3]
          %f = Cast(%x) {to = 1}
          %y = Div(%f, %s)
          output "y" = %y`,
        reason: 'a division rounds once more',
      },
      {
        name: 'accumulators',
        graph: `graph "g"
          input %x: int32[N,2]
          const %s: float32[] = [0.3]
          %f = Cast(%x) {to = 1}
          %y = Mul(%f, %s)
          output "y" = %y`,
        reason: 'int32 is no activation',
      },
      {
        name: 'one scale a channel',
        graph: `graph "g"
          input %x: int8[N,2]
          const %s: float32[2] = [0.3, 0.4]
          %f = Cast(%x) {to = 1}
          %y = Mul(%f, %s)
          output "y" = %y`,
        reason: 'the scale is not one number',
      },
      {
        name: 'a scale that adds an axis',
        graph: `graph "g"
          input %x: int8[N,2]
          const %s: float32[1,1,1] = [0.3]
          %f = Cast(%x) {to = 1}
          %y = Mul(%f, %s)
          output "y" = %y`,
        reason: 'the product has more axes',
      },
    ],
  },
  TINPU_RULES,
);

describeRule(
  liftSplitDequantize,
  {
    rewrites: [
      dequantised('one factor', 'Mul(%f, %s)', ''),
      {
        name: 'factors in a row, one of them a division by a power of two',
        before: `graph "g"
          input %x: int8[N,2]
          const %s: float32[] = [0.75]
          const %d: float32[1] = [8]
          const %m: float32[] = [2]
          %f = Cast(%x) {to = 1}
          %p = Div(%f, %d)
          %q = Mul(%s, %p)
          %y = Mul(%q, %m) "out" @[2 "out" "Mul"]
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,2]
          %y = q.Dequantize(%x) {scale = 0.1875} "out" @[2 "out" "Mul"]
          output "y" = %y`,
        feeds: { ranges: { x: [-128, 128] } },
      },
      {
        name: 'the first of two factors that round, the other stays',
        before: `graph "g"
          input %x: int8[N,2]
          const %s: float32[] = [0.3]
          const %t: float32[] = [0.7]
          %f = Cast(%x) {to = 1}
          %p = Mul(%f, %s) "p"
          %y = Mul(%p, %t) "out"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,2]
          const %t: float32[] = [0.7]
          %p = q.Dequantize(%x) {scale = 0.30000001192092896} "p"
          %y = Mul(%p, %t) "out"
          output "y" = %y`,
        feeds: { ranges: { x: [-128, 128] } },
      },
    ],
    refusals: [
      {
        name: 'a tensor without integers',
        graph: `graph "g"
          input %x: float32[N,2]
          const %s: float32[] = [0.5]
          %y = Mul(%x, %s)
          output "y" = %y`,
        reason: 'the tensor holds no integers of the quantised dialect',
      },
    ],
  },
  TINPU_RULES,
);
