import { foldBatchnormIntoLayer } from '../../../src/passes/rules/fold-batchnorm-into-layer.js';
import { describeRule } from '../../support/rules.js';

const rounding = { relative: 1e-5, because: 'the folded constants are rounded once instead of every product' };

/** BatchNormalization of %y with random statistics of `channels` channels and safe variances. */
const batchnorm = (channels: number): string => `
const %gamma: float32[${channels}] = random 3
const %beta: float32[${channels}] = random 4
const %mean: float32[${channels}] = random 5
const %variance: float32[${channels}] = splat 0.7`;

const CONV = '{dilations = [1, 1], group = 1, kernel_shape = [3, 3], pads = [1, 0, 1, 2], strides = [2, 1]}';
const GROUPED = '{dilations = [1, 1], group = 2, kernel_shape = [2, 3], pads = [0, 0, 0, 0], strides = [2, 1]}';

describeRule(foldBatchnormIntoLayer, {
  rewrites: [
    {
      name: 'Conv with a bias and pads',
      before: `graph "g"
input %x: float32[N,3,7,6]
const %w: float32[4,3,3,3] = random 1
const %b: float32[4] = random 2
${batchnorm(4)}
%y = Conv(%x, %w, %b) ${CONV} "conv" @[0 "conv" "Conv"]
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance) {epsilon = 0.001} "bn" @[1 "bn" "BatchNormalization"]
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3,7,6]
const %w: float32[4,3,3,3] = *
const %b: float32[4] = *
%z = Conv(%x, %w, %b) ${CONV} "bn" @[0 "conv" "Conv", 1 "bn" "BatchNormalization"]
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'Conv without a bias, whose shifts are zero',
      before: `graph "g"
input %x: float32[1,2,4]
const %w: float32[2,2,3] = [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6]
const %gamma: float32[2] = [2, 0.5]
const %zero: float32[2] = splat 0
const %one: float32[2] = splat 1
%y = Conv(%x, %w) {auto_pad = "SAME_UPPER"}
%z = BatchNormalization(%y, %gamma, %zero, %zero, %one) {epsilon = 0.0}
output "z" = %z`,
      after: `graph "g"
input %x: float32[1,2,4]
const %w: float32[2,2,3] = [2, 4, 6, 8, 10, 12, -0.5, -1, -1.5, -2, -2.5, -3]
%z = Conv(%x, %w) {auto_pad = "SAME_UPPER"}
output "z" = %z`,
      exactness: { relative: 1e-6, because: 'sums of products are accumulated in another order of magnitude' },
    },
    {
      name: 'a scale of zero, which leaves the shift alone',
      before: `graph "g"
input %x: float32[1,1,2]
const %w: float32[2,1,1] = [3, 4]
const %gamma: float32[2] = [0, 2]
const %beta: float32[2] = [5, 6]
const %mean: float32[2] = [7, 8]
const %variance: float32[2] = [0, 0.25]
%y = Conv(%x, %w)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance) {epsilon = 0.75}
output "z" = %z`,
      after: `graph "g"
input %x: float32[1,1,2]
const %w: float32[2,1,1] = [0, 8]
const %b: float32[2] = [5, -10]
%z = Conv(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'grouped Conv',
      before: `graph "g"
input %x: float32[N,4,6,5]
const %w: float32[6,2,2,3] = random 1
${batchnorm(6)}
%y = Conv(%x, %w) ${GROUPED}
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,4,6,5]
const %w: float32[6,2,2,3] = *
const %b: float32[6] = *
%z = Conv(%x, %w, %b) ${GROUPED}
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'depthwise ConvTranspose whose groups give several channels each',
      before: `graph "g"
input %x: float32[N,4,3,5]
const %w: float32[4,3,2,3] = random 1
const %b: float32[6] = random 2
${batchnorm(6)}
%y = ConvTranspose(%x, %w, %b) ${GROUPED}
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,4,3,5]
const %w: float32[4,3,2,3] = *
const %b: float32[6] = *
%z = ConvTranspose(%x, %w, %b) ${GROUPED}
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'Gemm',
      before: `graph "g"
input %x: float32[N,5]
const %w: float32[5,3] = random 1
const %b: float32[3] = random 2
${batchnorm(3)}
%y = Gemm(%x, %w, %b)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,5]
const %w: float32[5,3] = *
const %b: float32[3] = *
%z = Gemm(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'MatMul, which becomes a Gemm',
      before: `graph "g"
input %x: float32[N,5]
const %w: float32[5,3] = random 1
${batchnorm(3)}
%y = MatMul(%x, %w)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,5]
const %w: float32[5,3] = *
const %b: float32[3] = *
%z = Gemm(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'Conv of a single pixel, read as a matrix',
      before: `graph "g"
input %x: float32[N,3,2,2]
const %w: float32[4,3,2,2] = random 1
${batchnorm(4)}
%y = Conv(%x, %w)
%flat = Flatten(%y) {axis = 1}
%z = BatchNormalization(%flat, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3,2,2]
const %w: float32[4,3,2,2] = *
const %b: float32[4] = *
%z_1 = Conv(%x, %w, %b)
%z = Flatten(%z_1) {axis = 1}
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'Gemm read as an image',
      before: `graph "g"
input %x: float32[N,5]
const %w: float32[5,12] = random 1
const %shape: int64[4] = [0, 3, 2, 2]
${batchnorm(3)}
%y = Gemm(%x, %w)
%image = Reshape(%y, %shape)
%z = BatchNormalization(%image, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,5]
const %w: float32[5,12] = *
const %b: float32[12] = *
const %shape: int64[4] = [0, 3, 2, 2]
%z_1 = Gemm(%x, %w, %b)
%z = Reshape(%z_1, %shape)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'weights that another Conv reads as well',
      before: `graph "g"
input %x: float32[N,3,4,4]
const %w: float32[4,3,1,1] = random 1
${batchnorm(4)}
%y = Conv(%x, %w)
%other = Conv(%x, %w)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z
output "other" = %other`,
      after: `graph "g"
input %x: float32[N,3,4,4]
const %w: float32[4,3,1,1] = random 1
const %folded: float32[4,3,1,1] = *
const %b: float32[4] = *
%other = Conv(%x, %w)
%z = Conv(%x, %folded, %b)
output "z" = %z
output "other" = %other`,
      exactness: rounding,
    },
    {
      name: 'float64',
      before: `graph "g"
input %x: float64[N,2]
const %w: float64[2,2] = [1, 2, 3, 4]
const %gamma: float64[2] = [0.1, 0.2]
const %beta: float64[2] = [0.3, 0.4]
const %mean: float64[2] = [0.5, 0.6]
const %variance: float64[2] = [0.7, 0.8]
%y = Gemm(%x, %w)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      after: `graph "g"
input %x: float64[N,2]
const %w: float64[2,2] = *
const %b: float64[2] = *
%z = Gemm(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
  ],
  refusals: [
    {
      name: 'a Conv that something else reads',
      graph: `graph "g"
input %x: float32[N,3,4,4]
const %w: float32[4,3,1,1] = random 1
${batchnorm(4)}
%y = Conv(%x, %w)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
%r = Relu(%y)
output "z" = %z
output "r" = %r`,
      reason: "'y' has other readers",
    },
    {
      name: 'a Conv whose result is a graph output',
      graph: `graph "g"
input %x: float32[N,3,4,4]
const %w: float32[4,3,1,1] = random 1
${batchnorm(4)}
%y = Conv(%x, %w)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z
output "y" = %y`,
      reason: "'y' has other readers",
    },
    {
      name: 'computed weights',
      graph: `graph "g"
input %x: float32[N,3,4,4]
input %w: float32[4,3,1,1]
${batchnorm(4)}
%y = Conv(%x, %w)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      reason: 'the weights are not constant',
    },
    {
      name: 'a computed bias',
      graph: `graph "g"
input %x: float32[N,3,4,4]
input %b: float32[4]
const %w: float32[4,3,1,1] = random 1
${batchnorm(4)}
%y = Conv(%x, %w, %b)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      reason: 'the bias is not constant',
    },
    {
      name: 'computed statistics',
      graph: `graph "g"
input %x: float32[N,3,4,4]
input %gamma: float32[4]
const %w: float32[4,3,1,1] = random 1
const %zero: float32[4] = splat 0
const %one: float32[4] = splat 1
%y = Conv(%x, %w)
%z = BatchNormalization(%y, %gamma, %zero, %zero, %one)
output "z" = %z`,
      reason: "'gamma' is not a constant",
    },
    {
      name: 'a variance of zero without epsilon',
      graph: `graph "g"
input %x: float32[N,3,4,4]
const %w: float32[4,3,1,1] = random 1
const %zero: float32[4] = [1, 1, 0, 1]
const %one: float32[4] = splat 1
%y = Conv(%x, %w)
%z = BatchNormalization(%y, %one, %one, %one, %zero) {epsilon = 0.0}
output "z" = %z`,
      reason: 'a variance plus epsilon is not above zero',
    },
    {
      name: 'a negative variance',
      graph: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
const %variance: float32[2] = [-1, 1]
const %one: float32[2] = splat 1
%y = Gemm(%x, %w)
%z = BatchNormalization(%y, %one, %one, %one, %variance)
output "z" = %z`,
      reason: 'a variance plus epsilon is not above zero',
    },
    {
      name: 'constants that leave the range of float32',
      graph: `graph "g"
input %x: float32[N,1]
const %w: float32[1,1] = [1e30]
const %gamma: float32[1] = [1e30]
const %zero: float32[1] = [0]
const %one: float32[1] = [1]
%y = Gemm(%x, %w)
%z = BatchNormalization(%y, %gamma, %zero, %zero, %one)
output "z" = %z`,
      reason: 'a folded constant would not be finite',
    },
    {
      name: 'channels that are features of a MatMul of rank 3',
      graph: `graph "g"
input %x: float32[N,3,4]
const %w: float32[4,3] = random 1
${batchnorm(3)}
%y = MatMul(%x, %w)
%z = BatchNormalization(%y, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      reason: 'the elements of one output channel are not all treated alike',
    },
    {
      name: 'a flattened image, whose pixels are channels',
      graph: `graph "g"
input %x: float32[N,2,2,1]
const %w: float32[2,2,1,1] = random 1
${batchnorm(4)}
%y = Conv(%x, %w)
%flat = Flatten(%y)
%z = BatchNormalization(%flat, %gamma, %beta, %mean, %variance)
output "z" = %z`,
      reason: 'the elements of one output channel are not all treated alike',
    },
    {
      name: 'half precision, whose stores do not round',
      graph: `graph "g"
input %x: float16[N,2]
const %w: float16[2,1] = [1, 2]
const %one: float16[1] = [1]
%y = Gemm(%x, %w)
%z = BatchNormalization(%y, %one, %one, %one, %one)
output "z" = %z`,
      reason: 'float16',
    },
    {
      name: 'something that is no layer',
      graph: `graph "g"
input %x: float32[N,2]
const %one: float32[2] = [1, 1]
%y = Relu(%x)
%z = BatchNormalization(%y, %one, %one, %one, %one)
output "z" = %z`,
      reason: 'Relu is not',
    },
  ],
});
