import { foldTransposeIntoGemm } from '../../../src/passes/rules/fold-transpose-into-gemm.js';
import { describeRule } from '../../support/rules.js';

const otherOrder = { relative: 1e-6, because: 'the products are summed in another order' };

/** A layer on the flattened transposed data, written with `#` for them, whose weights follow. */
const folded = (name: string, layer: string, weight = 'float32[24,5]', bias = '') => ({
  name,
  before: `graph "g"
    input %x: float32[N,2,3,4]
    const %w: ${weight} = random 1
    ${bias}
    %t = Transpose(%x) {perm = [0,2,3,1]}
    %f = Flatten(%t) {axis = 1}
    %y = ${layer.replace('#', '%f')}
    output "y" = %y`,
  after: `graph "g"
    input %x: float32[N,2,3,4]
    const %w: ${weight} = *
    ${bias}
    %y_1 = Flatten(%x) {axis = 1}
    %y = ${layer.replace('#', '%y_1')}
    output "y" = %y`,
  exactness: otherOrder,
});

const refused = (name: string, body: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: float32[N,2,3,4]
    ${body}
    output "y" = %y`,
  reason,
});

describeRule(foldTransposeIntoGemm, {
  rewrites: [
    folded('Gemm with a bias', 'Gemm(#, %w, %b)', 'float32[24,5]', 'const %b: float32[5] = random 2'),
    folded('Gemm with transposed weights', 'Gemm(#, %w) {alpha = 0.5, transB = 1}', 'float32[5,24]'),
    folded('MatMul', 'MatMul(#, %w)'),
    {
      name: 'two layers on the same flattened data',
      before: `graph "g"
        input %x: float32[N,3,4]
        const %v: float32[12,2] = random 1
        const %w: float32[12,5] = random 2
        %t = Transpose(%x) {perm = [0,2,1]}
        %f = Flatten(%t)
        %y = MatMul(%f, %v)
        %z = MatMul(%f, %w)
        output "y" = %y
        output "z" = %z`,
      after: `graph "g"
        input %x: float32[N,3,4]
        const %v: float32[12,2] = *
        const %w: float32[12,5] = *
        %y_1 = Flatten(%x) {axis = 1}
        %y = MatMul(%y_1, %v)
        %z_1 = Flatten(%x) {axis = 1}
        %z = MatMul(%z_1, %w)
        output "y" = %y
        output "z" = %z`,
      exactness: otherOrder,
    },
  ],
  refusals: [
    refused(
      'a batch that moves',
      `const %w: float32[12,5] = random 1
       input %z: float32[3,4,1]
       %t = Transpose(%z) {perm = [2,0,1]}
       %f = Flatten(%t)
       %y = MatMul(%f, %w)`,
      'the first axis moves',
    ),
    refused(
      'a Flatten that keeps several axes',
      `const %w: float32[2,5] = random 1
       %t = Transpose(%x) {perm = [0,2,3,1]}
       %f = Flatten(%t) {axis = 3}
       %y = MatMul(%f, %w)`,
      'it does not keep the first axis alone',
    ),
    refused(
      'weights that are not constant',
      `input %w: float32[24,5]
       %t = Transpose(%x) {perm = [0,2,3,1]}
       %f = Flatten(%t)
       %y = MatMul(%f, %w)`,
      "'w' is not a constant",
    ),
    refused(
      'a batch of matrices',
      `const %w: float32[2,24,5] = random 1
       %t = Transpose(%x) {perm = [0,2,3,1]}
       %f = Flatten(%t)
       %y = MatMul(%f, %w)`,
      'the weights are no matrix',
    ),
    refused(
      'data that the layer transposes',
      `const %w: float32[1,5] = random 1
       input %z: float32[1,2,12]
       %t = Transpose(%z) {perm = [0,2,1]}
       %f = Flatten(%t)
       %y = Gemm(%f, %w) {transA = 1}`,
      'it multiplies the transposed data',
    ),
    refused(
      'features of unknown number',
      `const %w: float32[24,5] = random 1
       input %z: float32[1,L,M]
       %t = Transpose(%z) {perm = [0,2,1]}
       %f = Flatten(%t)
       %y = MatMul(%f, %w)`,
      'the number of features is not known',
    ),
  ],
});
