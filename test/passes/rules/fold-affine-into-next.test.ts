import { foldAffineIntoNext } from '../../../src/passes/rules/fold-affine-into-next.js';
import { describeRule } from '../../support/rules.js';

const rounding = { relative: 1e-5, because: 'the folded constants are rounded once instead of every product' };

const batchnorm = (channels: number): string => `
const %gamma: float32[${channels}] = random 3
const %beta: float32[${channels}] = random 4
const %mean: float32[${channels}] = random 5
const %variance: float32[${channels}] = splat 0.7`;

const zeroShift = (channels: number): string => `
const %gamma: float32[${channels}] = random 3
const %zero: float32[${channels}] = splat 0
const %one: float32[${channels}] = splat 1`;

describeRule(foldAffineIntoNext({ keepAtInput: false }), {
  rewrites: [
    {
      name: 'BatchNormalization before an unpadded Conv',
      before: `graph "g"
input %x: float32[N,3,5,4]
const %w: float32[2,3,3,2] = random 1
const %b: float32[2] = random 2
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance) "bn" @[0 "bn" "BatchNormalization"]
%z = Conv(%y, %w, %b) {strides = [2, 1]} "conv" @[1 "conv" "Conv"]
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3,5,4]
const %w: float32[2,3,3,2] = *
const %b: float32[2] = *
%z = Conv(%x, %w, %b) {strides = [2, 1]} "conv" @[0 "bn" "BatchNormalization", 1 "conv" "Conv"]
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'a scale before a padded, grouped Conv',
      before: `graph "g"
input %x: float32[N,4,5]
const %w: float32[2,2,3] = random 1
${zeroShift(4)}
%y = BatchNormalization(%x, %gamma, %zero, %zero, %one)
%z = Conv(%y, %w) {group = 2, pads = [1, 1]}
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,4,5]
const %w: float32[2,2,3] = *
%z = Conv(%x, %w) {group = 2, pads = [1, 1]}
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'Mul and Sub before a Conv, both orders',
      before: `graph "g"
input %x: float32[N,2,3]
const %w: float32[1,2,1] = [1, 10]
const %scale: float32[2,1] = [2, 3]
const %shift: float32[] = [1]
%a = Mul(%scale, %x)
%y = Sub(%shift, %a)
%z = Conv(%y, %w)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,2,3]
const %w: float32[1,2,1] = [-2, -30]
const %b: float32[1] = [11]
%z = Conv(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'a scale before a grouped ConvTranspose',
      before: `graph "g"
input %x: float32[N,4,3]
const %w: float32[4,3,2] = random 1
${zeroShift(4)}
%y = BatchNormalization(%x, %gamma, %zero, %zero, %one)
%z = ConvTranspose(%y, %w) {group = 2, pads = [1, 0], strides = [2]}
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,4,3]
const %w: float32[4,3,2] = *
%z = ConvTranspose(%x, %w) {group = 2, pads = [1, 0], strides = [2]}
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'a shift before a pointwise ConvTranspose',
      before: `graph "g"
input %x: float32[N,3,4]
const %w: float32[3,2,1] = random 1
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%z = ConvTranspose(%y, %w)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3,4]
const %w: float32[3,2,1] = *
const %b: float32[2] = *
%z = ConvTranspose(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'BatchNormalization of a matrix before a MatMul',
      before: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%z = MatMul(%y, %w)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = *
const %b: float32[2] = *
%z = Gemm(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'BatchNormalization of an image that is flattened for a Gemm',
      before: `graph "g"
input %x: float32[N,3,2,2]
const %w: float32[12,2] = random 1
const %b: float32[2] = random 2
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%flat = Flatten(%y)
%z = Gemm(%flat, %w, %b)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3,2,2]
const %w: float32[12,2] = *
const %b: float32[2] = *
%z_1 = Flatten(%x)
%z = Gemm(%z_1, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'a constant along the width of an image that is reshaped for a Gemm',
      before: `graph "g"
input %x: float32[N,3,2]
const %w: float32[6,2] = random 1
const %c: float32[2] = [2, 3]
const %shape: int64[2] = [-1, 6]
%y = Mul(%x, %c)
%flat = Reshape(%y, %shape)
%z = Gemm(%flat, %w)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3,2]
const %w: float32[6,2] = *
const %shape: int64[2] = [-1, 6]
%z_1 = Reshape(%x, %shape)
%z = Gemm(%z_1, %w)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'BatchNormalization of a list that becomes an image',
      before: `graph "g"
input %x: float32[N,3,4]
const %w: float32[2,3,1,2] = random 1
const %axes: int64[1] = [2]
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%image = Unsqueeze(%y, %axes)
%z = Conv(%image, %w)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3,4]
const %w: float32[2,3,1,2] = *
const %b: float32[2] = *
const %axes: int64[1] = [2]
%z_1 = Unsqueeze(%x, %axes)
%z = Conv(%z_1, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'a scale of the features of a MatMul of rank 3',
      before: `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = [1, 2, 3, 4, 5, 6]
const %c: float32[3] = [2, 3, 4]
%y = Mul(%x, %c)
%z = MatMul(%y, %w)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = [2, 4, 9, 12, 20, 24]
%z = MatMul(%x, %w)
output "z" = %z`,
      exactness: rounding,
    },
  ],
  refusals: [
    {
      name: 'a shift before a padded Conv',
      graph: `graph "g"
input %x: float32[N,3,5]
const %w: float32[2,3,3] = random 1
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%z = Conv(%y, %w) {pads = [0, 1]}
output "z" = %z`,
      reason: 'the layer pads',
    },
    {
      name: 'a shift before a Conv with auto_pad',
      graph: `graph "g"
input %x: float32[N,3,5]
const %w: float32[2,3,3] = random 1
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%z = Conv(%y, %w) {auto_pad = "SAME_LOWER"}
output "z" = %z`,
      reason: 'the layer pads',
    },
    {
      name: 'a shift before a ConvTranspose whose results see part of the weights',
      graph: `graph "g"
input %x: float32[N,3,5]
const %w: float32[3,2,2] = random 1
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%z = ConvTranspose(%y, %w) {strides = [2]}
output "z" = %z`,
      reason: 'the layer pads',
    },
    {
      name: 'a result that something else reads',
      graph: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%z = Gemm(%y, %w)
output "z" = %z
output "y" = %y`,
      reason: "'y' has other readers",
    },
    {
      name: 'a result that something else reads beside a view',
      graph: `graph "g"
input %x: float32[N,3,1]
const %w: float32[3,2] = random 1
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%v = Flatten(%y)
%z = Gemm(%v, %w)
output "z" = %z
output "y" = %y`,
      reason: "'y' has other readers",
    },
    {
      name: 'a shift before a pointwise ConvTranspose that adds results without data',
      graph: `graph "g"
input %x: float32[N,3,5]
const %w: float32[3,2,1] = random 1
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%z = ConvTranspose(%y, %w) {dilations = [2], output_padding = [1]}
output "z" = %z`,
      reason: 'the layer pads',
    },
    {
      name: 'a constant along another axis than that of the features',
      graph: `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = random 1
const %c: float32[4,1] = [1, 2, 3, 4]
%y = Mul(%x, %c)
%z = MatMul(%y, %w)
output "z" = %z`,
      reason: 'not all treated alike',
    },
    {
      name: 'a view that mixes batch and channels',
      graph: `graph "g"
input %x: float32[2,3,4]
const %w: float32[4,2] = random 1
const %shape: int64[2] = [-1, 4]
${batchnorm(3)}
%y = BatchNormalization(%x, %gamma, %beta, %mean, %variance)
%r = Reshape(%y, %shape)
%z = Gemm(%r, %w)
output "z" = %z`,
      reason: 'not all treated alike',
    },
    {
      name: 'a shift of a MatMul of rank 3, which has no bias',
      graph: `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = random 1
const %c: float32[3] = [1, 2, 3]
%y = Add(%x, %c)
%z = MatMul(%y, %w)
output "z" = %z`,
      reason: 'no bias',
    },
  ],
});

const AT_INPUT = `graph "g"
input %x: float32[N,4,1,3]
const %w: float32[2,3,4] = random 1
const %axes: int64[1] = [2]
const %c: float32[] = [2]
${batchnorm(3)}
%s = Squeeze(%x, %axes)
%t = Transpose(%s) {perm = [0, 2, 1]}
%a = Mul(%t, %c)
%y = BatchNormalization(%a, %gamma, %beta, %mean, %variance)
%z = Conv(%y, %w)
output "z" = %z`;

describeRule(foldAffineIntoNext({ keepAtInput: true }), {
  rewrites: [
    {
      name: 'behind an activation',
      before: `graph "g"
input %x: float32[N,3,4]
const %w: float32[2,3,4] = random 1
${batchnorm(3)}
%r = Relu(%x)
%y = BatchNormalization(%r, %gamma, %beta, %mean, %variance)
%z = Conv(%y, %w)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3,4]
const %w: float32[2,3,4] = *
const %b: float32[2] = *
%r = Relu(%x)
%z = Conv(%r, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
  ],
  refusals: [
    { name: 'what leads to a graph input', graph: AT_INPUT, reason: 'it belongs to the graph input' },
    {
      name: 'a graph input itself',
      graph: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
const %c: float32[3] = [1, 2, 3]
%y = Div(%x, %c)
%z = Gemm(%y, %w)
output "z" = %z`,
      reason: 'it belongs to the graph input',
    },
  ],
});
