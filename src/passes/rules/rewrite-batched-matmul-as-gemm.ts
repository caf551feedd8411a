import { isStatic } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { isDecline } from '../linear/fold.js';
import { weightMatrix } from '../linear/weight-matrix.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * MatMul(x[N,d1,…,dk,K], weight[K,M]) with k ≥ 1 → Reshape to [N·d1·…·dk,K], Gemm, Reshape to [N,d1,…,dk,M]: every row
 * meets the same weights. N may be unknown, the other sizes are known and above zero; weights [1,…,1,K,M] count as a matrix.
 */
export const rewriteBatchedMatmulAsGemm: Rule = rule({
  name: 'rewrite-batched-matmul-as-gemm',
  match: having(op('MatMul', undefined, { as: 'matmul' }), ({ inputs: [x] }) =>
    x !== undefined && x.type.shape.length <= 2 ? 'the data are a matrix' : undefined,
  ),
  rewrite: ({ matmul }, to) => {
    const [x] = matmul.inputs;
    if (x === undefined) return decline('the MatMul has no data', matmul);
    const matrix = weightMatrix(matmul, to);
    if (isDecline(matrix)) return matrix;
    const [features = 0, outputs = 0] = matrix.constant.dims;
    const [batch, ...middle] = x.type.shape.slice(0, -1);
    if (!isStatic(middle)) return decline('an axis between the batch and the features has an unknown size', matmul);
    if ([...middle, features, outputs].includes(0)) return decline('the data or the weights are empty', matmul);
    const reshape = (value: typeof x, shape: readonly number[]): typeof x =>
      to.op('Reshape', [value, to.constant(Tensor.int64(shape), 'shape')]);
    const product = to.op('Gemm', [reshape(x, [-1, features]), matrix]);
    return reshape(product, [typeof batch === 'number' ? batch : -1, ...middle, outputs]);
  },
});
