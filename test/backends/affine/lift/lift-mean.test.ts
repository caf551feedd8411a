import { liftMean } from '../../../../src/backends/affine/lift/lift-mean.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

const BEFORE = `graph "g"
    input %x: int8[N,2,4,4]
    const %xs: float32[] = [0.5]
    const %xz: int8[] = [3]
    const %ys: float32[] = [0.25]
    const %yz: uint8[] = [128]
    const %axes: int64[1] = [1]
    %xr = DequantizeLinear(%x, %xs, %xz)`;

const AFTER = `graph "g"
    input %x: int8[N,2,4,4]
    const %xz: int8[] = [3]
    const %m: float64[] = [2]
    const %yz: uint8[] = [128]`;

const feeds = { ranges: { x: [-128, 128] } } as const;

describeRule(
  liftMean,
  {
    rewrites: [
      {
        name: 'AveragePool',
        before: `${BEFORE}
    %c = AveragePool(%xr) {kernel_shape = [2, 2], strides = [2, 2]}
    %r = Relu(%c)
    %y = QuantizeLinear(%r, %ys, %yz)
    output "y" = %y`,
        after: `${AFTER}
    %y: uint8[N,2,2,2]<0.25 u8 128> = qa.AveragePool(%x, %xz, %m, %yz) {kernel_shape = [2, 2], strides = [2, 2], lo = 128}
    output "y" = %y`,
        feeds,
      },
      {
        name: 'GlobalAveragePool',
        before: `${BEFORE}
    %c = GlobalAveragePool(%xr)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        after: `${AFTER}
    const %axes: int64[2] = [2, 3]
    %y: uint8[N,2,1,1]<0.25 u8 128> = qa.ReduceMean(%x, %xz, %m, %yz, %axes) {keepdims = 1}
    output "y" = %y`,
        feeds,
      },
      {
        name: 'ReduceMean',
        before: `${BEFORE}
    %c = ReduceMean(%xr, %axes) {keepdims = 0}
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        after: `${AFTER}
    const %axes: int64[1] = [1]
    %y: uint8[N,4,4]<0.25 u8 128> = qa.ReduceMean(%x, %xz, %m, %yz, %axes) {keepdims = 0}
    output "y" = %y`,
        feeds,
      },
    ],
    refusals: [
      {
        name: 'a ReduceMean of nothing',
        graph: `${BEFORE}
    %c = ReduceMean(%xr) {noop_with_empty_axes = 1}
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        reason: 'nothing is reduced',
      },
    ],
  },
  AFFINE_RULES,
);
