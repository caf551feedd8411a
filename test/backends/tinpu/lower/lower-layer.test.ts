import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { uniformSource } from '../../../../src/ir/random.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { activationRange } from '../../../../src/backends/tinpu/arithmetic/accumulators.js';
import { lowerLayer, type QuantiseLayer } from '../../../../src/backends/tinpu/lower/lower-layer.js';
import type { Recipe } from '../../../../src/backends/tinpu/recipes/recipe.js';
import { weightsOf } from '../../../../src/backends/weights/weights-of.js';
import { torchmodeloptRecipe } from '../../../../src/backends/tinpu/recipes/torchmodelopt.js';
import { quantcRecipe } from '../../../../src/backends/tinpu/recipes/quantc.js';
import { applyRules } from '../../../../src/passes/driver.js';
import { runGraph } from '../../../support/random-runs.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

/** Weights of 8 bits as a recipe chooses them. */
const quantiseBy =
  (recipe: Recipe): QuantiseLayer =>
  (layer, x, { input: inputScale, output: outputScale }) => ({
    constants: recipe.layer({
      ...weightsOf(layer),
      inputScale,
      outputScale,
      inputRange: activationRange(x),
      bits: 8,
      foldedBatchnorm: false,
    }),
    weightType: 'int8',
  });

/*
 * In the table weights and biases are multiples of their steps and all scales are powers of two, so that the integers
 * are those of the real numbers, rounded half up, without any error of the weights.
 */
describeRule(
  lowerLayer(quantiseBy(quantcRecipe)),
  {
    rewrites: [
      {
        name: 'a fully connected layer: each column has its own shift, the rounding half is in the bias',
        // s_w = 127·s/127 with peaks 127/64 and 127/128 at s_x = 1/4, s_y = 1/2: m = 2^-7 and 2^-8.
        before: `graph "g"
          input %x: int8[N,3]
          const %w: float32[3,2] = [1.984375, 0.25, -0.5, 0.9921875, 0.03125, -0.0078125]
          const %b: float32[2] = [1.5, -0.25]
          %xr = q.Dequantize(%x) {scale = 0.25} "input"
          %real = Gemm(%xr, %w, %b) "fc" @[0 "fc" "Gemm"]
          %y: int8[N,2]<0.5 s8> = q.Quantize(%real) {scale = 0.5, lo = -128, hi = 127} "fc"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,3]
          const %w: int8[3,2] = [127, 32, -32, 127, 2, -1]
          const %bias: int32[2] = [448, 0]
          const %scale: int32[2] = [1, 1]
          const %shift: int32[2] = [7, 8]
          %"y/accumulator": int32[N,2] = q.MatMul(%x, %w) "fc" @[0 "fc" "Gemm"]
          %y: int8[N,2]<0.5 s8> = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = -128, hi = 127} "fc" @[0 "fc" "Gemm"]
          output "y" = %y`,
        feeds: { ranges: { x: [-128, 128] } },
      },
      {
        name: 'a strided convolution without bias whose integers are unsigned',
        before: `graph "g"
          input %x: uint8[N,1,5,4]
          const %w: float32[2,1,2,2] = [1.984375, -0.5, 0.015625, 0.25, -0.9921875, 0.5, 0.0078125, 0]
          %xr = q.Dequantize(%x) {scale = 0.25} "input"
          %real = Conv(%xr, %w, _) {kernel_shape = [2, 2], strides = [2, 1], pads = [0, 1, 1, 0], dilations = [1, 1], group = 1} "conv" @[2 "bn" "BatchNormalization", 1 "conv" "Conv"]
          %y: uint8[N,2,3,4]<0.5 u8> = q.Quantize(%real) {scale = 0.5, lo = 0, hi = 255} "conv"
          output "y" = %y`,
        after: `graph "g"
          input %x: uint8[N,1,5,4]
          const %w: int8[2,1,2,2] = [127, -32, 1, 16, -127, 64, 1, 0]
          const %bias: int32[2] = [64, 128]
          const %scale: int32[2] = [1, 1]
          const %shift: int32[2] = [7, 8]
          %"y/accumulator": int32[N,2,3,4] = q.Conv(%x, %w) {strides = [2, 1], pads = [0, 1, 1, 0], dilations = [1, 1], group = 1} "conv" @[1 "conv" "Conv", 2 "bn" "BatchNormalization"]
          %y: uint8[N,2,3,4]<0.5 u8> = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = 0, hi = 255} "conv" @[1 "conv" "Conv", 2 "bn" "BatchNormalization"]
          output "y" = %y`,
        feeds: { ranges: { x: [0, 256] } },
      },
      {
        name: 'a depthwise convolution that dilates',
        before: `graph "g"
          input %x: int8[N,2,4,3]
          const %w: float32[2,1,2,1] = [1.984375, -0.5, 0.9921875, 0.25]
          const %b: float32[2] = [0, 2]
          %xr = q.Dequantize(%x) {scale = 0.25} "input"
          %real = Conv(%xr, %w, %b) {kernel_shape = [2, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [2, 1], group = 2} "dw" @[1 "dw" "Conv"]
          %y: int8[N,2,2,3]<0.5 s8> = q.Quantize(%real) {scale = 0.5, lo = -128, hi = 127} "dw"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,2,4,3]
          const %w: int8[2,1,2,1] = [127, -32, 127, 32]
          const %bias: int32[2] = [64, 1152]
          const %scale: int32[2] = [1, 1]
          const %shift: int32[2] = [7, 8]
          %"y/accumulator": int32[N,2,2,3] = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [2, 1], group = 2} "dw" @[1 "dw" "Conv"]
          %y: int8[N,2,2,3]<0.5 s8> = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = -128, hi = 127} "dw" @[1 "dw" "Conv"]
          output "y" = %y`,
        feeds: { ranges: { x: [-128, 128] } },
      },
      {
        name: 'a transposed convolution, whose channels are along the second axis of each group',
        // Peaks by output channel 127/64 and 127/128: m = 2^-7 and 2^-8.
        before: `graph "g"
          input %x: int8[N,2,3,2]
          const %w: float32[2,1,2,1] = [1.984375, -0.5, 0.9921875, 0.25]
          const %b: float32[2] = [1.5, -0.25]
          %xr = q.Dequantize(%x) {scale = 0.25} "input"
          %real = ConvTranspose(%xr, %w, %b) {kernel_shape = [2, 1], strides = [2, 1], pads = [1, 0, 0, 0], dilations = [1, 1], group = 2} "up" @[1 "up" "ConvTranspose"]
          %y: int8[N,2,5,2]<0.5 s8> = q.Quantize(%real) {scale = 0.5, lo = -128, hi = 127} "up"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,2,3,2]
          const %w: int8[2,1,2,1] = [127, -32, 127, 32]
          const %bias: int32[2] = [448, 0]
          const %scale: int32[2] = [1, 1]
          const %shift: int32[2] = [7, 8]
          %"y/accumulator": int32[N,2,5,2] = q.ConvTranspose(%x, %w) {strides = [2, 1], pads = [1, 0, 0, 0], dilations = [1, 1], group = 2, output_padding = [0, 0]} "up" @[1 "up" "ConvTranspose"]
          %y: int8[N,2,5,2]<0.5 s8> = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = -128, hi = 127} "up" @[1 "up" "ConvTranspose"]
          output "y" = %y`,
        feeds: { ranges: { x: [-128, 128] } },
      },
      {
        name: 'a residual operand of ten bits',
        before: `graph "g"
          input %x: int8[N,1,2,2]
          const %w: float32[1,1,1,1] = [1.984375]
          %xr = q.Dequantize(%x) {scale = 0.25} "input"
          %real = Conv(%xr, %w) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "pw" @[1 "pw" "Conv"]
          %y: int16[N,1,2,2]<0.25 s10> = q.Quantize(%real) {scale = 0.25, lo = -512, hi = 511} "pw"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,1,2,2]
          const %w: int8[1,1,1,1] = [127]
          const %bias: int32[1] = [32]
          const %scale: int32[1] = [1]
          const %shift: int32[1] = [6]
          %"y/accumulator": int32[N,1,2,2] = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "pw" @[1 "pw" "Conv"]
          %y: int16[N,1,2,2]<0.25 s10> = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = -512, hi = 511} "pw" @[1 "pw" "Conv"]
          output "y" = %y`,
        feeds: { ranges: { x: [-128, 128] } },
      },
    ],
    refusals: [
      {
        name: 'a convolution of volumes',
        graph: `graph "g"
          input %x: int8[N,1,3,3,3]
          const %w: float32[1,1,1,1,1] = splat 1
          %xr = q.Dequantize(%x) {scale = 0.25}
          %real = Conv(%xr, %w)
          %y = q.Quantize(%real) {scale = 0.5, lo = -128, hi = 127}
          output "y" = %y`,
        reason: 'Conv of a rank-5 tensor',
      },
      {
        name: 'weights that the model computes',
        graph: `graph "g"
          input %x: int8[N,3]
          input %w: float32[3,2]
          %xr = q.Dequantize(%x) {scale = 0.25}
          %real = Gemm(%xr, %w)
          %y = q.Quantize(%real) {scale = 0.5, lo = -128, hi = 127}
          output "y" = %y`,
        reason: "'w' is not a constant",
      },
      {
        name: 'a layer of real numbers',
        graph: `graph "g"
          input %x: float32[N,3]
          const %w: float32[3,2] = splat 1
          %real = Gemm(%x, %w)
          %y = q.Quantize(%real) {scale = 0.5, lo = -128, hi = 127}
          output "y" = %y`,
        reason: "'x' is not the result of q.Dequantize",
      },
    ],
    untouched: [
      {
        name: 'a layer whose result stays real',
        graph: `graph "g"
          input %x: int8[N,3]
          const %w: float32[3,2] = splat 1
          %xr = q.Dequantize(%x) {scale = 0.25}
          %real = Gemm(%xr, %w)
          output "y" = %real`,
      },
    ],
  },
  TINPU_RULES,
);

const TAPS = 3;
const INPUT_SCALE = 0.0173;
const OUTPUT_SCALE = 0.0931;
const RANDOM = `graph "g"
  input %x: int8[N,3,5,5]
  const %w: float32[4,3,1,1] = random 7
  const %b: float32[4] = random 8
  %xr = q.Dequantize(%x) {scale = ${INPUT_SCALE}} "input"
  %real = Conv(%xr, %w, %b) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "conv"
  %y: int8[N,4,5,5] = q.Quantize(%real) {scale = ${OUTPUT_SCALE}, lo = -128, hi = 127} "conv"
  output "y" = %y
  output "real" = %real`;

describe.each([quantcRecipe, torchmodeloptRecipe])('a layer of any weights by the recipe $name', (recipe) => {
  const graph = parseGraph(RANDOM, TINPU_RULES.operators);
  applyRules(new GraphEditor(graph), [lowerLayer(quantiseBy(recipe))], { operators: TINPU_RULES.operators });
  const next = uniformSource(11);
  const x = new Tensor(
    'int8',
    [2, 3, 5, 5],
    Int8Array.from({ length: 150 }, () => Math.round(next() * 127)),
  );
  const results = runGraph(graph, TINPU_RULES.kernels, new Map([['x', x]]));
  const reals = results.get('real')?.toNumbers() ?? [];
  const shifts = graph.nodes.find(({ op }) => op === 'Bnorm')?.inputs[3]?.constant?.toNumbers() ?? [];
  const peak = Math.max(...x.toNumbers().map(Math.abs)) * INPUT_SCALE;

  /**
   * How far scale · integer may be from the real result: half an output step for rounding; half a weight step for each
   * tap, times the largest input; half a unit of the accumulator for the bias; and float32 rounding of the reals.
   */
  const boundOf = (channel: number): number => {
    const unit = 2 ** -(shifts[channel] ?? NaN) * OUTPUT_SCALE;
    const weightStep = unit / INPUT_SCALE;
    return (OUTPUT_SCALE + TAPS * weightStep * peak + unit) / 2 + 1e-5;
  };
  const worst = (integers: readonly number[]): number =>
    Math.max(
      ...integers.map((integer, i) => {
        const real = Math.min(127 * OUTPUT_SCALE, Math.max(-128 * OUTPUT_SCALE, reals[i] ?? NaN));
        return Math.abs(integer * OUTPUT_SCALE - real) / boundOf(Math.floor(i / 25) % 4);
      }),
    );

  it('stays within the rounding of weights and results', () => {
    expect(shifts).toHaveLength(4);
    expect(worst(results.get('y')?.toNumbers() ?? [])).toBeLessThanOrEqual(1);
  });

  it('would be caught two steps off', () => {
    const shifted = (results.get('y')?.toNumbers() ?? []).map((integer) => integer + 2);
    expect(worst(shifted)).toBeGreaterThan(1);
  });
});
