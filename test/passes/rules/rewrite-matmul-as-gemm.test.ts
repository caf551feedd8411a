import { rewriteMatmulAsGemm } from '../../../src/passes/rules/rewrite-matmul-as-gemm.js';
import { describeRule, type RefusalCase } from '../../support/rules.js';

const order = { relative: 1e-6, because: 'the two kernels may add up in another order' };

const refusal = (name: string, x: string, w: string, call: string, reason: string): RefusalCase => ({
  name,
  graph: `graph "g"
input %x: ${x}
const %w: ${w}
%y = ${call}
output "y" = %y`,
  reason,
});

describeRule(rewriteMatmulAsGemm, {
  rewrites: [
    {
      name: 'a matrix by a matrix',
      before: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
%y = MatMul(%x, %w) "fc" @[0 "fc" "MatMul"]
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,3]
const %w: float32[3,2] = random 1
%y = Gemm(%x, %w) "fc" @[0 "fc" "MatMul"]
output "y" = %y`,
      exactness: order,
    },
    {
      name: 'data with axes of size 1 in the middle',
      before: `graph "g"
input %x: float32[N,1,1,3]
const %w: float32[3,2] = random 1
%y = MatMul(%x, %w)
output "y" = %y`,
      after: `graph "g"
input %x: float32[N,1,1,3]
const %w: float32[3,2] = random 1
const %shape: int64[4] = [0, 1, 1, 2]
%y_1 = Flatten(%x) {axis = 1}
%y_2 = Gemm(%y_1, %w)
%y = Reshape(%y_2, %shape)
output "y" = %y`,
      exactness: order,
    },
    {
      name: 'weights with axes of size 1 in front',
      before: `graph "g"
input %x: float32[2,1,3]
const %w: float32[1,3,2] = [1, 2, 3, 4, 5, 6]
%y = MatMul(%x, %w)
output "y" = %y`,
      after: `graph "g"
input %x: float32[2,1,3]
const %w: float32[3,2] = [1, 2, 3, 4, 5, 6]
const %shape: int64[3] = [0, 1, 2]
%y_1 = Flatten(%x) {axis = 1}
%y_2 = Gemm(%y_1, %w)
%y = Reshape(%y_2, %shape)
output "y" = %y`,
      exactness: order,
    },
  ],
  refusals: [
    refusal('a sequence', 'float32[N,4,3]', 'float32[3,2] = random 1', 'MatMul(%x, %w)', 'more axes than one'),
    refusal('a sequence of unknown length', 'float32[1,T,3]', 'float32[3,2] = random 1', 'MatMul(%x, %w)', 'more axes'),
    refusal('a row', 'float32[3]', 'float32[3,2] = random 1', 'MatMul(%x, %w)', 'a single row'),
    refusal('a column of weights', 'float32[N,3]', 'float32[3] = random 1', 'MatMul(%x, %w)', 'a single column'),
    refusal(
      'several matrices',
      'float32[2,1,3]',
      'float32[2,3,2] = random 1',
      'MatMul(%x, %w)',
      'more than one matrix',
    ),
    refusal('more axes than the data', 'float32[2,3]', 'float32[1,3,2] = random 1', 'MatMul(%x, %w)', 'more than one'),
    refusal('a constant on the left', 'float32[3,N]', 'float32[2,3] = random 1', 'MatMul(%w, %x)', 'on the left'),
    refusal('no constant', 'float32[2,2]', 'float32[1] = [1]', 'MatMul(%x, %x)', 'neither operand is constant'),
    refusal('integers', 'int32[N,2]', 'int32[2,1] = [1, 2]', 'MatMul(%x, %w)', 'int32'),
  ],
});
