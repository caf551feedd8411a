import { foldArithmeticIntoLayer } from '../../../src/passes/rules/fold-arithmetic-into-layer.js';
import { describeRule, type RefusalCase, type RewriteCase } from '../../support/rules.js';

const rounding = { relative: 1e-5, because: 'the folded constants are rounded once instead of every product' };

/** One step on the result of a Conv with two output channels, and what becomes of its constants. */
interface ConvStep {
  readonly name: string;
  readonly step: string;
  readonly constant: string;
  readonly weight: string;
  readonly bias?: string;
}

const convStep = ({ name, step, constant, weight, bias }: ConvStep): RewriteCase => ({
  name,
  before: `graph "g"
input %x: float32[N,1,3,3]
const %w: float32[2,1,1,2] = [1, 2, 3, 4]
const %b: float32[2] = [5, 6]
const %c: ${constant}
%y = Conv(%x, %w, %b) {pads = [0, 1, 0, 1]} "conv" @[0 "conv" "Conv"]
%z = ${step} "step" @[1 "step" "Arithmetic"]
output "z" = %z`,
  after: `graph "g"
input %x: float32[N,1,3,3]
const %w: float32[2,1,1,2] = ${weight}
const %b: float32[2] = ${bias ?? '[5, 6]'}
%z = Conv(%x, %w, %b) {pads = [0, 1, 0, 1]} "step" @[0 "conv" "Conv", 1 "step" "Arithmetic"]
output "z" = %z`,
  exactness: rounding,
});

const convRefusal = (name: string, constant: string, step: string, reason: string): RefusalCase => ({
  name,
  graph: `graph "g"
input %x: float32[N,1,3,4]
const %w: float32[2,1,1,1] = [1, 2]
const %c: ${constant}
%y = Conv(%x, %w)
%z = ${step}
output "z" = %z`,
  reason,
});

const same = '[1, 2, 3, 4]';

describeRule(foldArithmeticIntoLayer, {
  rewrites: [
    convStep({
      name: 'Mul by one number for each channel',
      step: 'Mul(%y, %c)',
      constant: 'float32[2,1,1] = [2, 0.5]',
      weight: '[2, 4, 1.5, 2]',
      bias: '[10, 3]',
    }),
    convStep({
      name: 'Mul with the constant first',
      step: 'Mul(%c, %y)',
      constant: 'float32[1,2,1,1] = [2, -1]',
      weight: '[2, 4, -3, -4]',
      bias: '[10, -6]',
    }),
    convStep({
      name: 'Mul by a scalar',
      step: 'Mul(%y, %c)',
      constant: 'float32[] = [3]',
      weight: '[3, 6, 9, 12]',
      bias: '[15, 18]',
    }),
    convStep({
      name: 'Mul by the same number everywhere',
      step: 'Mul(%y, %c)',
      constant: 'float32[2,3,1] = splat 2',
      weight: '[2, 4, 6, 8]',
      bias: '[10, 12]',
    }),
    convStep({
      name: 'Add',
      step: 'Add(%y, %c)',
      constant: 'float32[2,1,1] = [1, -1]',
      weight: same,
      bias: '[6, 5]',
    }),
    convStep({
      name: 'Add with the constant first, of one element',
      step: 'Add(%c, %y)',
      constant: 'float32[1,1] = [7]',
      weight: same,
      bias: '[12, 13]',
    }),
    convStep({
      name: 'Sub',
      step: 'Sub(%y, %c)',
      constant: 'float32[2,1,1] = [1, -1]',
      weight: same,
      bias: '[4, 7]',
    }),
    convStep({
      name: 'Sub from a constant, which turns the sign',
      step: 'Sub(%c, %y)',
      constant: 'float32[2,1,1] = [1, -1]',
      weight: '[-1, -2, -3, -4]',
      bias: '[-4, -7]',
    }),
    convStep({
      name: 'Div',
      step: 'Div(%y, %c)',
      constant: 'float32[2,1,1] = [2, -4]',
      weight: '[0.5, 1, -0.75, -1]',
      bias: '[2.5, -1.5]',
    }),
    {
      name: 'Add to a Conv without a bias',
      before: `graph "g"
input %x: float32[N,1,3]
const %w: float32[2,1,1] = [1, 2]
const %c: float32[1,2,1] = [3, 4]
%y = Conv(%x, %w)
%z = Add(%y, %c)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,1,3]
const %w: float32[2,1,1] = [1, 2]
const %b: float32[2] = [3, 4]
%z = Conv(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'a chain on a grouped ConvTranspose',
      before: `graph "g"
input %x: float32[N,4,3,2]
const %w: float32[4,2,2,2] = random 1
const %scale: float32[4,1,1] = random 2
const %shift: float32[4,1,1] = random 3
%y = ConvTranspose(%x, %w) {group = 2, pads = [1, 0, 0, 0], strides = [2, 1]}
%a = Mul(%scale, %y)
%z = Sub(%a, %shift)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,4,3,2]
const %w: float32[4,2,2,2] = *
const %b: float32[4] = *
%z = ConvTranspose(%x, %w, %b) {group = 2, pads = [1, 0, 0, 0], strides = [2, 1]}
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'Add and Mul of a Gemm, by [M] and [1, M]',
      before: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = [1, 2, 3, 4, 5, 6]
const %b: float32[2] = [1, 1]
const %c: float32[2] = [1, 2]
const %d: float32[1,2] = [2, 3]
%y = Gemm(%x, %w, %b)
%a = Add(%c, %y)
%z = Mul(%a, %d)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = [2, 6, 6, 12, 10, 18]
const %b: float32[2] = [4, 9]
%z = Gemm(%x, %w, %b)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'MatMul and Add',
      before: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
const %c: float32[2] = [1, 2]
%y = MatMul(%x, %w) "fc/MatMul" @[0 "fc/MatMul" "MatMul"]
%z = Add(%y, %c) "fc/Add" @[1 "fc/Add" "Add"]
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
const %c: float32[2] = [1, 2]
%z = Gemm(%x, %w, %c) "fc/Add" @[0 "fc/MatMul" "MatMul", 1 "fc/Add" "Add"]
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'Add behind the Reshape that puts axes of size 1 back',
      before: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
const %c: float32[2] = [1, 2]
const %shape: int64[3] = [0, 1, 2]
%y = Gemm(%x, %w)
%r = Reshape(%y, %shape)
%z = Add(%r, %c)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
const %c: float32[2] = [1, 2]
const %shape: int64[3] = [0, 1, 2]
%z_1 = Gemm(%x, %w, %c)
%z = Reshape(%z_1, %shape)
output "z" = %z`,
      exactness: rounding,
    },
    {
      name: 'the scale of a MatMul of rank 3, as in attention',
      before: `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = [1, 2, 3, 4, 5, 6]
const %c: float32[] = [0.5]
%y = MatMul(%x, %w)
%z = Mul(%y, %c)
output "z" = %z`,
      after: `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = [0.5, 1, 1.5, 2, 2.5, 3]
%z = MatMul(%x, %w)
output "z" = %z`,
      exactness: rounding,
    },
  ],
  refusals: [
    convRefusal('a constant along the width', 'float32[4] = [1, 2, 3, 4]', 'Mul(%y, %c)', 'not all treated alike'),
    convRefusal('a constant along the batch', 'float32[2,1,1,1] = [1, 2]', 'Mul(%y, %c)', 'to another shape'),
    convRefusal('a whole image', 'float32[2,3,4] = random 1', 'Add(%y, %c)', 'varies along more than one axis'),
    convRefusal('a constant of more axes', 'float32[1,1,1,1,1] = [2]', 'Mul(%y, %c)', 'to another shape'),
    convRefusal('a division by zero', 'float32[2,1,1] = [1, 0]', 'Div(%y, %c)', 'divided by zero'),
    convRefusal('a constant divided by the data', 'float32[] = [1]', 'Div(%c, %y)', 'not affine'),
    convRefusal('an infinite scale', 'float32[2,1,1] = [1, inf]', 'Mul(%y, %c)', 'not finite'),
    convRefusal('a computed operand', 'float32[] = [1]', 'Mul(%y, %x)', "'x' is not a constant"),
    {
      name: 'a channel axis of size 1 that the constant broadcasts',
      graph: `graph "g"
input %x: float32[N,1,3]
const %w: float32[1,1,1] = [2]
const %c: float32[2,1] = [3, 4]
%y = Conv(%x, %w)
%z = Mul(%y, %c)
output "z" = %z`,
      reason: 'to another shape',
    },
    {
      name: 'a Gemm that is not plain',
      graph: `graph "g"
input %x: float32[N,3]
const %w: float32[2,3] = random 1
const %c: float32[2] = [3, 4]
%y = Gemm(%x, %w) {transB = 1}
%z = Mul(%y, %c)
output "z" = %z`,
      reason: 'not in its plain form',
    },
    {
      name: 'a shift of a MatMul of rank 3, which has no bias',
      graph: `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = random 1
const %c: float32[2] = [3, 4]
%y = MatMul(%x, %w)
%z = Add(%y, %c)
output "z" = %z`,
      reason: 'no bias',
    },
    {
      name: 'a Gemm and one number for each row',
      graph: `graph "g"
input %x: float32[2,3]
const %w: float32[3,2] = random 1
const %c: float32[2,1] = [3, 4]
%y = Gemm(%x, %w)
%z = Add(%y, %c)
output "z" = %z`,
      reason: 'not all treated alike',
    },
    {
      name: 'a layer that something else reads',
      graph: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
const %c: float32[2] = [3, 4]
%y = Gemm(%x, %w)
%z = Add(%y, %c)
output "z" = %z
output "y" = %y`,
      reason: "'y' has other readers",
    },
  ],
});
