import { lowerAveragePool } from '../../../../src/backends/tinpu/lower/lower-average-pool.js';
import { quantcRecipe } from '../../../../src/backends/tinpu/recipes/quantc.js';
import { describeRule } from '../../../support/rules.js';
import { TINPU_RULES } from '../../../support/tinpu-rules.js';

/*
 * Where the area is a power of two and so are the scales, the integers are those of the exact mean, rounded half up. The
 * other areas are divided by with a scale of 8 bits: its error is bounded apart, in pool-constants.
 */
describeRule(
  lowerAveragePool(quantcRecipe),
  {
    rewrites: [
      {
        // 1/4 at equal scales, in lowest terms: 1/2^2, whose half is 2.
        name: 'a pool of windows as a depthwise convolution of ones',
        before: `graph "g"
          input %x: uint8[N,2,4,6]
          %xr = q.Dequantize(%x) {scale = 0.5} "conv"
          %mean = AveragePool(%xr) {kernel_shape = [2, 2], strides = [2, 3], pads = [0, 0, 0, 0]} "pool" @[5 "pool" "AveragePool"]
          %y: uint8[N,2,2,2]<0.5 u8> = q.Quantize(%mean) {scale = 0.5, lo = 0, hi = 255} "pool"
          output "y" = %y`,
        after: `graph "g"
          input %x: uint8[N,2,4,6]
          const %ones: int2[2,1,2,2] = splat 1
          const %bias: int32[1] = [2]
          const %scale: int32[1] = [1]
          const %shift: int32[1] = [2]
          %"y/accumulator": int32[N,2,2,2] = q.Conv(%x, %ones) {strides = [2, 3], pads = [0, 0, 0, 0], dilations = [1, 1], group = 2} "pool" @[5 "pool" "AveragePool"]
          %y: uint8[N,2,2,2]<0.5 u8> = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = 0, hi = 255} "pool" @[5 "pool" "AveragePool"]
          output "y" = %y`,
        feeds: { ranges: { x: [0, 256] } },
      },
      {
        name: 'padding that counts, at the default strides',
        before: `graph "g"
          input %x: int8[N,1,3,3]
          %xr = q.Dequantize(%x) {scale = 0.5} "conv"
          %mean = AveragePool(%xr) {kernel_shape = [2, 2], pads = [1, 0, 1, 0], count_include_pad = 1} "pool" @[5 "pool" "AveragePool"]
          %y: int8[N,1,4,2]<0.5 s8> = q.Quantize(%mean) {scale = 0.5, lo = -128, hi = 127} "pool"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,1,3,3]
          const %ones: int2[1,1,2,2] = splat 1
          const %bias: int32[1] = [2]
          const %scale: int32[1] = [1]
          const %shift: int32[1] = [2]
          %"y/accumulator": int32[N,1,4,2] = q.Conv(%x, %ones) {strides = [1, 1], pads = [1, 0, 1, 0], dilations = [1, 1], group = 1} "pool" @[5 "pool" "AveragePool"]
          %y: int8[N,1,4,2]<0.5 s8> = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = -128, hi = 127} "pool" @[5 "pool" "AveragePool"]
          output "y" = %y`,
        feeds: { ranges: { x: [-128, 128] } },
      },
      {
        // 1/8 and twice the resolution: 1/4 again.
        name: 'a global pool as a sum of the map',
        before: `graph "g"
          input %x: int8[N,3,4,2]
          %xr = q.Dequantize(%x) {scale = 0.5} "conv"
          %mean = GlobalAveragePool(%xr) "gap" @[5 "gap" "ReduceMean"]
          %y: int8[N,3,1,1]<0.25 s8> = q.Quantize(%mean) {scale = 0.25, lo = -128, hi = 127} "gap"
          output "y" = %y`,
        after: `graph "g"
          input %x: int8[N,3,4,2]
          const %bias: int32[1] = [2]
          const %scale: int32[1] = [1]
          const %shift: int32[1] = [2]
          %"y/accumulator": int32[N,3,1,1] = q.GlobalSum(%x) "gap" @[5 "gap" "ReduceMean"]
          %y: int8[N,3,1,1]<0.25 s8> = q.Bnorm(%"y/accumulator", %bias, %scale, %shift) {lo = -128, hi = 127} "gap" @[5 "gap" "ReduceMean"]
          output "y" = %y`,
        feeds: { ranges: { x: [-128, 128] } },
      },
    ],
    refusals: [
      {
        name: 'windows that padding cuts short at the border',
        graph: `graph "g"
          input %x: uint8[N,2,4,4]
          %xr = q.Dequantize(%x) {scale = 0.5}
          %mean = AveragePool(%xr) {kernel_shape = [3, 3], pads = [1, 1, 1, 1]}
          %y = q.Quantize(%mean) {scale = 0.5, lo = 0, hi = 255}
          output "y" = %y`,
        reason: 'divides by another area at the border',
      },
      {
        name: 'a number of channels that is not known',
        graph: `graph "g"
          input %x: uint8[N,C,4,4]
          %xr = q.Dequantize(%x) {scale = 0.5}
          %mean = AveragePool(%xr) {kernel_shape = [2, 2]}
          %y = q.Quantize(%mean) {scale = 0.5, lo = 0, hi = 255}
          output "y" = %y`,
        reason: 'the map that is averaged has no known size',
      },
      {
        name: 'a map whose size is not known',
        graph: `graph "g"
          input %x: uint8[N,3,H,4]
          %xr = q.Dequantize(%x) {scale = 0.5}
          %mean = GlobalAveragePool(%xr)
          %y = q.Quantize(%mean) {scale = 0.5, lo = 0, hi = 255}
          output "y" = %y`,
        reason: 'the map that is averaged has no known size',
      },
      ...[
        ['padding that does not count', 'pads = [1, 1, 1, 1]', 'divides by another area at the border'],
        ['windows that ceil_mode adds', 'strides = [3, 3], ceil_mode = 1', 'divides by another area at the border'],
        ['dilations', 'dilations = [2, 1]', 'AveragePool with dilations'],
      ].map(([name = '', window = '', reason = '']) => ({
        name,
        graph: `graph "g"
          input %x: uint8[N,3,6,6]
          %xr = q.Dequantize(%x) {scale = 0.5}
          %mean = AveragePool(%xr) {kernel_shape = [2, 2], ${window}}
          %y = q.Quantize(%mean) {scale = 0.5, lo = 0, hi = 255}
          output "y" = %y`,
        reason,
      })),
    ],
    untouched: [
      {
        name: 'MaxPool, and a mean that stays real',
        graph: `graph "g"
          input %x: uint8[N,3,4,4]
          %xr = q.Dequantize(%x) {scale = 0.5}
          %a = MaxPool(%xr) {kernel_shape = [2, 2]}
          %y = q.Quantize(%a) {scale = 0.5, lo = 0, hi = 255}
          %m = GlobalAveragePool(%xr)
          output "y" = %y
          output "m" = %m`,
      },
    ],
  },
  TINPU_RULES,
);
