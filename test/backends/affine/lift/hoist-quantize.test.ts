import { hoistQuantize } from '../../../../src/backends/affine/lift/hoist-quantize.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

const BEFORE = `graph "g"
    input %x: float32[N,2,4]
    const %ys: float32[] = [0.3]
    const %yz: uint8[] = [10]
    %s = Sqrt(%x)`;

describeRule(
  hoistQuantize,
  {
    rewrites: [
      {
        name: 'before a MaxPool',
        before: `${BEFORE}
    %m = MaxPool(%s) {kernel_shape = [2]} "pool" @[2 "pool" "MaxPool"]
    %y = QuantizeLinear(%m, %ys, %yz) "q" @[3 "q" "QuantizeLinear"]
    output "y" = %y`,
        after: `${BEFORE}
    %"y/quantized": uint8[N,2,4]<0.30000001192092896 u8 10> = QuantizeLinear(%s, %ys, %yz) "q" @[2 "pool" "MaxPool", 3 "q" "QuantizeLinear"]
    %y: uint8[N,2,3]<0.30000001192092896 u8 10> = MaxPool(%"y/quantized") {kernel_shape = [2]} "q" @[2 "pool" "MaxPool", 3 "q" "QuantizeLinear"]
    output "y" = %y`,
        feeds: { ranges: { x: [0, 100] } },
      },
    ],
    refusals: [
      {
        name: 'real numbers that are read as well',
        graph: `${BEFORE}
    %m = MaxPool(%s) {kernel_shape = [2]}
    %y = QuantizeLinear(%m, %ys, %yz)
    %z = Exp(%m)
    output "y" = %y
    output "z" = %z`,
        reason: 'the real numbers are read as well',
      },
    ],
  },
  AFFINE_RULES,
);
