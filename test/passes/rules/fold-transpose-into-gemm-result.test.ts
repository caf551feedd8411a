import { foldTransposeIntoGemmResult } from '../../../src/passes/rules/fold-transpose-into-gemm-result.js';
import { describeRule } from '../../support/rules.js';

const refused = (name: string, body: string, reason: string) => ({
  name,
  graph: `graph "g"
    input %x: float32[N,5]
    const %w: float32[5,24] = random 1
    const %shape: int64[4] = [-1, 3, 4, 2]
    ${body}
    output "y" = %y`,
  reason,
});

describeRule(foldTransposeIntoGemmResult, {
  rewrites: [
    {
      name: 'Gemm with a bias and an activation',
      before: `graph "g"
        input %x: float32[N,5]
        const %w: float32[5,24] = random 1
        const %b: float32[24] = random 2
        const %zero: float32[] = [0]
        const %shape: int64[4] = [-1, 3, 4, 2]
        %a = Gemm(%x, %w, %b)
        %c = Clip(%a, %zero)
        %r = Reshape(%c, %shape)
        %y = Transpose(%r) {perm = [0,3,1,2]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,5]
        const %w: float32[5,24] = *
        const %b: float32[24] = *
        const %zero: float32[] = [0]
        const %shape: int64[4] = [0, 2, 3, 4]
        %a_1 = Gemm(%x, %w, %b)
        %c_1 = Clip(%a_1, %zero)
        %y = Reshape(%c_1, %shape)
        output "y" = %y`,
    },
    {
      name: 'MatMul',
      before: `graph "g"
        input %x: float32[N,5]
        const %w: float32[5,24] = random 1
        const %shape: int64[3] = [0, 4, 6]
        %a = MatMul(%x, %w)
        %r = Reshape(%a, %shape)
        %y = Transpose(%r) {perm = [0,2,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,5]
        const %w: float32[5,24] = *
        const %shape: int64[3] = [0, 6, 4]
        %a_1 = MatMul(%x, %w)
        %y = Reshape(%a_1, %shape)
        output "y" = %y`,
    },
    {
      name: 'Gemm with one bias for all columns',
      before: `graph "g"
        input %x: float32[N,5]
        const %w: float32[5,24] = random 1
        const %b: float32[1] = [0.5]
        const %shape: int64[3] = [0, 4, 6]
        %a = Gemm(%x, %w, %b)
        %r = Reshape(%a, %shape)
        %y = Transpose(%r) {perm = [0,2,1]}
        output "y" = %y`,
      after: `graph "g"
        input %x: float32[N,5]
        const %w: float32[5,24] = *
        const %b: float32[1] = [0.5]
        const %shape: int64[3] = [0, 6, 4]
        %a_1 = Gemm(%x, %w, %b)
        %y = Reshape(%a_1, %shape)
        output "y" = %y`,
    },
  ],
  refusals: [
    refused(
      'a layer that others read as well',
      '%a = MatMul(%x, %w)\n%r = Reshape(%a, %shape)\n%y = Transpose(%r) {perm = [0,3,1,2]}\noutput "a" = %a',
      'no Gemm or MatMul of its own',
    ),
    refused(
      'an operator between that mixes the columns',
      '%a = MatMul(%x, %w)\n%s = Softmax(%a)\n%r = Reshape(%s, %shape)\n%y = Transpose(%r) {perm = [0,3,1,2]}',
      'no Gemm or MatMul of its own',
    ),
    refused(
      'a Reshape that others read as well',
      '%a = MatMul(%x, %w)\n%r = Reshape(%a, %shape)\n%y = Transpose(%r) {perm = [0,3,1,2]}\noutput "r" = %r',
      "'r' has other readers",
    ),
    refused(
      'rows of several samples',
      'input %s: float32[N,2,5]\nconst %v: float32[5,12] = random 2\n%a = MatMul(%s, %v)\n%r = Reshape(%a, %shape)\n%y = Transpose(%r) {perm = [0,3,1,2]}\n%u = MatMul(%x, %w)\noutput "u" = %u',
      'no Gemm or MatMul of its own',
    ),
    refused(
      'a batch that moves',
      '%a = MatMul(%x, %w)\n%r = Reshape(%a, %shape)\n%y = Transpose(%r) {perm = [3,0,1,2]}',
      'the first axis moves',
    ),
    refused(
      'weights that are transposed',
      'const %v: float32[24,5] = random 1\n%a = Gemm(%x, %v) {transB = 1}\n%r = Reshape(%a, %shape)\n%y = Transpose(%r) {perm = [0,3,1,2]}',
      'its weights are transposed',
    ),
    refused(
      'a bias that is not constant',
      'input %b: float32[24]\n%a = Gemm(%x, %w, %b)\n%r = Reshape(%a, %shape)\n%y = Transpose(%r) {perm = [0,3,1,2]}',
      'its bias is not constant',
    ),
    refused(
      'weights that are not constant',
      'input %v: float32[5,24]\n%a = Gemm(%x, %v)\n%r = Reshape(%a, %shape)\n%y = Transpose(%r) {perm = [0,3,1,2]}',
      'its weights are no constant matrix',
    ),
  ],
});
