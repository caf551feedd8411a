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
  ],
  refusals: [
    refusal('a row', 'float32[3]', 'float32[3,2] = random 1', 'MatMul(%x, %w)', 'a single row'),
    refusal('a column of weights', 'float32[N,3]', 'float32[3] = random 1', 'MatMul(%x, %w)', 'a single column'),
    refusal('more axes than the data', 'float32[2,3]', 'float32[1,3,2] = random 1', 'MatMul(%x, %w)', 'more than one'),
    refusal('a constant on the left', 'float32[3,N]', 'float32[2,3] = random 1', 'MatMul(%w, %x)', 'on the left'),
    refusal('no constant', 'float32[2,2]', 'float32[1] = [1]', 'MatMul(%x, %x)', 'neither operand is constant'),
    refusal('integers', 'int32[N,2]', 'int32[2,1] = [1, 2]', 'MatMul(%x, %w)', 'int32'),
  ],
  untouched: [
    {
      name: 'a sequence',
      graph: `graph "g"
input %x: float32[N,4,3]
const %w: float32[3,2] = random 1
%y = MatMul(%x, %w)
output "y" = %y`,
    },
  ],
});
