import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { uniformSource } from '../../../../src/ir/random.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { lowerInputBatchnorm, lowerQuantize } from '../../../../src/backends/tinpu/lower/lower-input.js';
import { quantcRecipe } from '../../../../src/backends/tinpu/recipes/quantc.js';
import { applyRules } from '../../../../src/passes/driver.js';
import { runGraph } from '../../../support/random-runs.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

/* At scales and factors that are powers of two the multiplier has no error: the integers are equal. */
describeRule(
  lowerQuantize(quantcRecipe),
  {
    rewrites: [
      {
        name: 'a signed input',
        before: `graph "g"
          input %x: float32[N,1,8,3]
          %y: int8[N,1,8,3]<0.0625 s8> = q.Quantize(%x) {scale = 0.0625, lo = -128, hi = 127} "x"
          output "y" = %y`,
        after: `graph "g"
          input %x: float32[N,1,8,3]
          const %bias: float32[1,1,1,1] = [0.03125]
          const %scale: float32[1,1,1,1] = [128]
          const %shift: int32[1,1,1,1] = [3]
          %y: int8[N,1,8,3]<0.0625 s8> = q.InputNorm(%x, %bias, %scale, %shift) {lo = -128, hi = 127} "x"
          output "y" = %y`,
      },
      {
        name: 'real numbers behind a float function',
        before: `graph "g"
          input %x: float32[N,40]
          %s = Sigmoid(%x) "sigmoid" @[7 "sigmoid" "Sigmoid"]
          %y: uint8[N,40]<0.00390625 u8> = q.Quantize(%s) {scale = 0.00390625, lo = 0, hi = 255} "sigmoid"
          output "y" = %y`,
        after: `graph "g"
          input %x: float32[N,40]
          const %bias: float32[1,1] = [0.001953125]
          const %scale: float32[1,1] = [2048]
          const %shift: int32[1,1] = [3]
          %s = Sigmoid(%x) "sigmoid" @[7 "sigmoid" "Sigmoid"]
          %y: uint8[N,40]<0.00390625 u8> = q.InputNorm(%s, %bias, %scale, %shift) {lo = 0, hi = 255} "sigmoid"
          output "y" = %y`,
      },
    ],
    untouched: [
      {
        name: 'integers that are dequantised',
        graph: `graph "g"
          input %x: int8[N,3]
          %y = q.Dequantize(%x) {scale = 0.5}
          output "y" = %y`,
      },
    ],
  },
  TINPU_RULES,
);

describeRule(
  lowerInputBatchnorm(quantcRecipe),
  {
    rewrites: [
      {
        // Factors 2 and -1/4; bias = (offset + half a step) / factor - mean.
        name: 'a BatchNormalization, with factors of either sign',
        before: `graph "g"
          input %x: float32[N,2,7,1]
          const %gamma: float32[2] = [4, -0.25]
          const %beta: float32[2] = [0.5, -1]
          const %mean: float32[2] = [0.25, 2]
          const %variance: float32[2] = [3, 0]
          %n = BatchNormalization(%x, %gamma, %beta, %mean, %variance) {epsilon = 1.0} "norm" @[0 "norm" "BatchNormalization"]
          %y: int8[N,2,7,1]<0.125 s8> = q.Quantize(%n) {scale = 0.125, lo = -128, hi = 127} "norm"
          output "y" = %y`,
        after: `graph "g"
          input %x: float32[N,2,7,1]
          const %bias: float32[1,2,1,1] = [0.03125, 1.75]
          const %scale: float32[1,2,1,1] = [2048, -2048]
          const %shift: int32[1,2,1,1] = [7, 10]
          %y: int8[N,2,7,1]<0.125 s8> = q.InputNorm(%x, %bias, %scale, %shift) {lo = -128, hi = 127} "norm" @[0 "norm" "BatchNormalization"]
          output "y" = %y`,
      },
      {
        name: 'a BatchNormalization of a rank-2 input of which a channel is constant',
        before: `graph "g"
          input %x: float32[N,2]
          const %gamma: float32[2] = [0, 1]
          const %beta: float32[2] = [0.5, 0]
          const %mean: float32[2] = [0, 0]
          const %variance: float32[2] = [0, 0]
          %n = BatchNormalization(%x, %gamma, %beta, %mean, %variance) {epsilon = 1.0} "norm"
          %y: uint8[N,2]<0.125 u8> = q.Quantize(%n) {scale = 0.125, lo = 0, hi = 255} "norm"
          output "y" = %y`,
        after: `graph "g"
          input %x: float32[N,2]
          const %bias: float32[1,2] = *
          const %scale: float32[1,2] = *
          const %shift: int32[1,2] = [31, 8]
          %y: uint8[N,2]<0.125 u8> = q.InputNorm(%x, %bias, %scale, %shift) {lo = 0, hi = 255} "norm"
          output "y" = %y`,
      },
    ],
    refusals: [
      {
        name: 'a channel of variance 0 without epsilon',
        graph: `graph "g"
          input %x: float32[N,2]
          const %one: float32[2] = splat 1
          const %zero: float32[2] = splat 0
          %n = BatchNormalization(%x, %one, %zero, %zero, %zero) {epsilon = 0.0}
          %y = q.Quantize(%n) {scale = 0.125, lo = -128, hi = 127}
          output "y" = %y`,
        reason: 'the variance of a channel is 0',
      },
      {
        name: 'statistics that the model computes',
        graph: `graph "g"
          input %x: float32[N,2]
          input %mean: float32[2]
          const %one: float32[2] = splat 1
          %n = BatchNormalization(%x, %one, %one, %mean, %one)
          %y = q.Quantize(%n) {scale = 0.125, lo = -128, hi = 127}
          output "y" = %y`,
        reason: "'mean' is not a constant",
      },
    ],
  },
  TINPU_RULES,
);

describe('an input sequence with a multiplier that is rounded', () => {
  const SCALE = 0.0371;
  const graph = parseGraph(
    `graph "g"
      input %x: float32[N,3]
      const %gamma: float32[3] = [0.713, -1.9, 0.31]
      const %beta: float32[3] = [0.2, -0.3, 0.7]
      const %mean: float32[3] = [0.11, -0.5, 3.1]
      const %variance: float32[3] = [1.3, 0.6, 2.9]
      %n = BatchNormalization(%x, %gamma, %beta, %mean, %variance) "norm"
      %y: int8[N,3] = q.Quantize(%n) {scale = ${SCALE}, lo = -128, hi = 127} "norm"
      %plain: int8[N,3] = q.Quantize(%x) {scale = ${SCALE}, lo = -128, hi = 127} "x"
      output "norm" = %n
      output "y" = %y
      output "plain" = %plain`,
    TINPU_RULES.operators,
  );
  applyRules(new GraphEditor(graph), [lowerInputBatchnorm(quantcRecipe), lowerQuantize(quantcRecipe)], TINPU_RULES);
  const next = uniformSource(3);
  const x = Tensor.float32(
    [100, 3],
    Array.from({ length: 300 }, () => 3 * next()),
  );
  const results = runGraph(graph, TINPU_RULES.kernels, new Map([['x', x]]));

  /**
   * In steps: half for rounding the result; a multiplier of at least `least` is rounded by half a unit, so a value of
   * `size` steps moves by size / (2 · least) at most; float32 rounding of three operations on values below 2^12.
   */
  const bound = (size: number, least: number): number => 0.5 + size / (2 * least) + 1e-3;
  const worst = (integers: readonly number[], reals: readonly number[], least: number): number =>
    Math.max(
      ...integers.map((integer, i) => {
        const wanted = Math.min(127, Math.max(-128, (reals[i] ?? NaN) / SCALE));
        // The bias is part of what is multiplied: up to 10 steps of its own beside the value's 128.
        return Math.abs(integer - wanted) / bound(256, least);
      }),
    );
  const integersOf = (name: string): number[] => results.get(name)?.toNumbers() ?? [];
  const normalised = results.get('norm')?.toNumbers() ?? [];

  it('is within rounding of the result and of the multiplier', () => {
    expect(worst(integersOf('y'), normalised, 2048)).toBeLessThanOrEqual(1);
    expect(worst(integersOf('plain'), x.toNumbers(), 128)).toBeLessThanOrEqual(1);
  });

  it('would be caught two steps off', () => {
    const shifted = (name: string): number[] => integersOf(name).map((integer) => integer + 2);
    expect(worst(shifted('y'), normalised, 2048)).toBeGreaterThan(1);
    expect(worst(shifted('plain'), x.toNumbers(), 128)).toBeGreaterThan(1);
  });
});
