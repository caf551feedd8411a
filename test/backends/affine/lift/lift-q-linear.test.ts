import { liftQLinear } from '../../../../src/backends/affine/lift/lift-q-linear.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

const CONSTANTS = `const %xs: float32[] = [0.5]
    const %xz: int8[] = [-3]
    const %w: int8[2,2,1] = [1, -2, 3, 4]
    const %ws: float32[2] = [0.25, 0.5]
    const %wz: int8[2] = [0, 1]
    const %ys: float32[] = [4]
    const %yz: uint8[] = [7]`;

const feeds = { ranges: { x: [-128, 128] } } as const;

describeRule(
  liftQLinear(() => undefined),
  {
    rewrites: [
      {
        name: 'QLinearConv',
        before: `graph "g"
    input %x: int8[N,2,4]
    ${CONSTANTS}
    const %b: int32[2] = [10, -20]
    %y = QLinearConv(%x, %xs, %xz, %w, %ws, %wz, %ys, %yz, %b) {strides = [2]} "conv" @[3 "conv" "QLinearConv"]
    output "y" = %y`,
        after: `graph "g"
    input %x: int8[N,2,4]
    const %w: int8[2,2,1] = [1, -2, 3, 4]
    const %xz: int8[] = [-3]
    const %wz: int8[2] = [0, 1]
    const %b: int32[2] = [10, -20]
    const %m: float64[2,1] = [0.03125, 0.0625]
    const %yz: uint8[] = [7]
    %"y/accumulator" = qa.Conv(%x, %w, %xz, %wz, %b) {strides = [2]} "conv" @[3 "conv" "QLinearConv"]
    %y: uint8[N,2,2]<4.0 u8 7> = qa.Requantize(%"y/accumulator", %m, %yz) "conv" @[3 "conv" "QLinearConv"]
    output "y" = %y`,
        feeds,
      },
      {
        name: 'QLinearMatMul',
        before: `graph "g"
    input %x: int8[N,2]
    ${CONSTANTS}
    const %v: int8[2,2] = [1, -2, 3, 4]
    %y = QLinearMatMul(%x, %xs, %xz, %v, %ws, %wz, %ys, %yz)
    output "y" = %y`,
        after: `graph "g"
    input %x: int8[N,2]
    const %v: int8[2,2] = [1, -2, 3, 4]
    const %xz: int8[] = [-3]
    const %wz: int8[2] = [0, 1]
    const %m: float64[2] = [0.03125, 0.0625]
    const %yz: uint8[] = [7]
    %"y/accumulator" = qa.MatMul(%x, %v, %xz, %wz)
    %y: uint8[N,2]<4.0 u8 7> = qa.Requantize(%"y/accumulator", %m, %yz)
    output "y" = %y`,
        feeds,
      },
    ],
    refusals: [
      {
        name: 'a row with its own scale',
        graph: `graph "g"
    input %x: int8[2,2]
    ${CONSTANTS}
    const %v: int8[2,2] = [1, -2, 3, 4]
    %y = QLinearMatMul(%x, %ws, %xz, %v, %xs, %xz, %ys, %yz)
    output "y" = %y`,
        reason: 'the data have several scales',
      },
    ],
  },
  AFFINE_RULES,
);
