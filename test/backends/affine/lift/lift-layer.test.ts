import { describe, expect, it } from 'vitest';
import { liftLayer } from '../../../../src/backends/affine/lift/lift-layer.js';
import { applyRules } from '../../../../src/passes/driver.js';
import { GraphEditor } from '../../../../src/ir/editor.js';
import type { Diagnostic } from '../../../../src/ir/diagnostics.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { AFFINE_OPERATORS } from '../../../../src/backends/affine/dialect.js';
import { AFFINE_RULES } from '../../../support/affine-rules.js';
import { describeRule } from '../../../support/rules.js';

/** Scales are powers of two, so that float32 is exact and results are equal to the bit. */
const SCALES = `const %xs: float32[] = [0.5]
    const %xz: int8[] = [-3]
    const %ys: float32[] = [4]
    const %yz: uint8[] = [7]`;

const X = `input %x: int8[N,2,4]
    ${SCALES}
    const %w: int8[2,1,3] = [1, -2, 3, 4, 5, -6]
    const %ws: float32[2] = [0.25, 0.5]
    const %wz: int8[2] = [0, 1]
    %xr = DequantizeLinear(%x, %xs, %xz)
    %wr = DequantizeLinear(%w, %ws, %wz) {axis = 0}`;

const AFTER = `input %x: int8[N,2,4]
    const %w: int8[2,1,3] = [1, -2, 3, 4, 5, -6]
    const %xz: int8[] = [-3]
    const %wz: int8[2] = [0, 1]`;

const feeds = { ranges: { x: [-128, 128], a: [-128, 128], b: [0, 256] } } as const;

const MATRIX = `input %a: int8[N,2]
    const %as: float32[] = [0.5]
    const %az: int8[] = [1]
    const %ys: float32[] = [2]
    const %yz: int8[] = [-1]
    const %bs: float32[] = [0.25]
    const %bz: uint8[] = [128]
    %ar = DequantizeLinear(%a, %as, %az)`;

const PRODUCT = `input %a: int8[N,2]
    const %w: uint8[2,3] = [1, 2, 200, 128, 255, 0]
    const %az: int8[] = [1]
    const %bz: uint8[] = [128]`;

const END = `const %m: float64[] = [0.0625]
    const %yz: int8[] = [-1]`;

describeRule(
  liftLayer(() => undefined),
  {
    rewrites: [
      {
        name: 'a convolution with scales and zero points for each filter, a bias and a Relu',
        before: `graph "g"
    ${X}
    const %b: int32[2] = [10, -20]
    const %bs: float32[2] = [0.125, 0.25]
    %br = DequantizeLinear(%b, %bs) {axis = 0}
    %c = Conv(%xr, %wr, %br) {pads = [1, 1], group = 2} "conv" @[3 "conv" "Conv"]
    %r = Relu(%c) "relu" @[4 "relu" "Relu"]
    %y = QuantizeLinear(%r, %ys, %yz) "q" @[5 "q" "QuantizeLinear"]
    output "y" = %y`,
        after: `graph "g"
    ${AFTER}
    const %b: int32[2] = [10, -20]
    const %m: float64[2,1] = [0.03125, 0.0625]
    const %yz: uint8[] = [7]
    %"c/accumulator" = qa.Conv(%x, %w, %xz, %wz, %b) {pads = [1, 1], group = 2} "conv" @[3 "conv" "Conv"]
    %y: uint8[N,2,4]<4.0 u8 7> = qa.Requantize(%"c/accumulator", %m, %yz) {lo = 7} "q" @[3 "conv" "Conv", 4 "relu" "Relu", 5 "q" "QuantizeLinear"]
    output "y" = %y`,
        feeds,
      },
      {
        name: 'a transposed convolution whose scales serve every group, added to and bounded',
        before: `graph "g"
    input %x: int8[N,2,4]
    ${SCALES}
    const %w: int8[2,2,2] = [1, -2, 3, 4, 5, -6, 7, 8]
    const %ws: float32[2] = [0.25, 0.5]
    const %wz: int8[2] = [0, 1]
    const %d: float32[1,4,1] = [1, 2, -3, 4]
    const %lo: float32[] = [-8]
    const %hi: float32[] = [100]
    %xr = DequantizeLinear(%x, %xs, %xz)
    %wr = DequantizeLinear(%w, %ws, %wz) {axis = 1}
    %c = ConvTranspose(%xr, %wr) {strides = [2], group = 2}
    %s = Add(%d, %c)
    %r = Clip(%s, %lo, %hi)
    %y = QuantizeLinear(%r, %ys, %yz)
    output "y" = %y`,
        after: `graph "g"
    input %x: int8[N,2,4]
    const %w: int8[2,2,2] = [1, -2, 3, 4, 5, -6, 7, 8]
    const %xz: int8[] = [-3]
    const %wz: int8[2] = [0, 1]
    const %b: int32[4] = [8, 8, -24, 16]
    const %m: float64[4,1] = [0.03125, 0.0625, 0.03125, 0.0625]
    const %yz: uint8[] = [7]
    %"c/accumulator" = qa.ConvTranspose(%x, %w, %xz, %wz, %b) {strides = [2], group = 2}
    %y: uint8[N,4,8]<4.0 u8 7> = qa.Requantize(%"c/accumulator", %m, %yz) {lo = 5, hi = 32}
    output "y" = %y`,
        feeds,
      },
      {
        name: 'a Gemm with transposed weights, alpha and beta',
        before: `graph "g"
    ${MATRIX}
    const %w: uint8[3,2] = [1, 128, 2, 255, 200, 0]
    const %b: float32[3] = [1, 2, -3]
    %br = DequantizeLinear(%w, %bs, %bz)
    %c = Gemm(%ar, %br, %b) {alpha = 2.0, beta = 0.5, transB = 1}
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        after: `graph "g"
    input %a: int8[N,2]
    const %w: uint8[3,2] = [1, 128, 2, 255, 200, 0]
    const %az: int8[] = [1]
    const %bz: uint8[] = [128]
    const %b: int32[3] = [2, 4, -6]
    const %m: float64[] = [0.125]
    const %yz: int8[] = [-1]
    %"c/w" = Transpose(%w) {perm = [1, 0]}
    %"c/accumulator" = qa.MatMul(%a, %"c/w", %az, %bz, %b)
    %y: int8[N,3]<2.0 s8 -1> = qa.Requantize(%"c/accumulator", %m, %yz)
    output "y" = %y`,
        feeds,
      },
      {
        name: 'a product of two activations',
        before: `graph "g"
    ${MATRIX}
    input %b: uint8[2,3]
    %br = DequantizeLinear(%b, %bs, %bz)
    %c = MatMul(%ar, %br)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        after: `graph "g"
    input %a: int8[N,2]
    input %b: uint8[2,3]
    const %az: int8[] = [1]
    const %bz: uint8[] = [128]
    ${END}
    %"c/accumulator" = qa.MatMul(%a, %b, %az, %bz)
    %y: int8[N,3]<2.0 s8 -1> = qa.Requantize(%"c/accumulator", %m, %yz)
    output "y" = %y`,
        feeds,
      },
      {
        name: 'sums of MatMulInteger that a constant scales',
        before: `graph "g"
    input %a: int8[N,2]
    const %w: uint8[2,3] = [1, 2, 200, 128, 255, 0]
    const %az: int8[] = [1]
    const %bz: uint8[] = [128]
    const %i: int32[3] = [5, 6, 7]
    const %f: float32[] = [0.125]
    const %ys: float32[] = [2]
    const %yz: int8[] = [-1]
    %p = MatMulInteger(%a, %w, %az, %bz)
    %s = Add(%p, %i)
    %n = Cast(%s) {to = 1}
    %c = Mul(%f, %n)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        after: `graph "g"
    ${PRODUCT}
    const %i: int32[3] = [5, 6, 7]
    ${END}
    %"p/accumulator" = qa.MatMul(%a, %w, %az, %bz, %i)
    %y: int8[N,3]<2.0 s8 -1> = qa.Requantize(%"p/accumulator", %m, %yz)
    output "y" = %y`,
        feeds,
      },
    ],
    refusals: [
      {
        name: 'weights that are real numbers',
        graph: `graph "g"
    ${MATRIX}
    const %w: float32[2,3] = [1, 2, 3, 4, 5, 6]
    %c = MatMul(%ar, %w)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        reason: 'the weights are no integers',
      },
      {
        name: 'scales along the axis that is summed over',
        graph: `graph "g"
    ${MATRIX}
    const %w: uint8[2,3] = [1, 2, 200, 128, 255, 0]
    const %ws: float32[2] = [0.5, 1]
    const %wz: uint8[2] = [1, 2]
    %br = DequantizeLinear(%w, %ws, %wz) {axis = 0}
    %c = MatMul(%ar, %br)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        reason: 'the scales of the weights are not those of channels',
      },
      {
        name: 'a scale that is computed',
        graph: `graph "g"
    ${MATRIX}
    input %s: float32[]
    const %w: uint8[2,3] = [1, 2, 200, 128, 255, 0]
    %br = DequantizeLinear(%w, %s, %bz)
    %c = MatMul(%ar, %br)
    %y = QuantizeLinear(%c, %ys, %yz)
    output "y" = %y`,
        reason: 'the scale is computed',
      },
      {
        name: 'an addend with more than one element a channel',
        graph: `graph "g"
    ${MATRIX}
    const %w: uint8[2,3] = [1, 2, 200, 128, 255, 0]
    const %d: float32[2,3] = [1, 2, 3, 4, 5, 6]
    %br = DequantizeLinear(%w, %bs, %bz)
    %c = MatMul(%ar, %br)
    %s = Add(%c, %d)
    %y = QuantizeLinear(%s, %ys, %yz)
    output "y" = %y`,
        reason: 'more than one element a channel',
      },
      {
        name: 'a bias beyond 32 bits',
        graph: `graph "g"
    ${MATRIX}
    const %w: uint8[2,3] = [1, 2, 200, 128, 255, 0]
    const %d: float32[] = [1e9]
    %br = DequantizeLinear(%w, %bs, %bz)
    %c = MatMul(%ar, %br)
    %s = Add(%c, %d)
    %y = QuantizeLinear(%s, %ys, %yz)
    output "y" = %y`,
        reason: 'more than 32 bits',
      },
    ],
    untouched: [
      {
        name: 'a layer whose result stays real',
        graph: `graph "g"
    ${MATRIX}
    const %w: uint8[2,3] = [1, 2, 200, 128, 255, 0]
    %br = DequantizeLinear(%w, %bs, %bz)
    %c = MatMul(%ar, %br)
    output "c" = %c`,
      },
    ],
  },
  AFFINE_RULES,
);

describe('a bias', () => {
  const reportsOf = (values: string): Diagnostic[] => {
    const graph = parseGraph(
      `graph "g"
    ${MATRIX}
    const %w: uint8[2,3] = [1, 2, 200, 128, 255, 0]
    const %d: float32[3] = [${values}]
    %br = DequantizeLinear(%w, %bs, %bz)
    %c = MatMul(%ar, %br) "fc" @[4 "fc" "MatMul"]
    %s = Add(%c, %d)
    %y = QuantizeLinear(%s, %ys, %yz)
    output "y" = %y`,
      AFFINE_OPERATORS,
    );
    const reports: Diagnostic[] = [];
    const rule = liftLayer((diagnostic) => reports.push(diagnostic));
    applyRules(new GraphEditor(graph), [rule], { operators: AFFINE_OPERATORS });
    return reports;
  };

  it('of whole units is silent, one that is rounded is reported with its part of a step', () => {
    expect(reportsOf('0.125, 0.25, -3')).toEqual([]);
    // 0.0625 is half a unit of 0.125, of which 16 make a step of 2.
    expect(reportsOf('0.125, 0.0625, -3')).toMatchObject([
      {
        code: 'bias-rounded',
        at: { node: 'fc', nodeIndex: 4 },
        message: expect.stringContaining('0.031 of its steps') as string,
      },
    ]);
  });
});
