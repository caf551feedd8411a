import { isDecline } from '../linear/fold.js';
import { weightMatrix } from '../linear/weight-matrix.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** MatMul(x[N,K], weight[K,M]) → Gemm(x, weight). */
export const rewriteMatmulAsGemm: Rule = rule({
  name: 'rewrite-matmul-as-gemm',
  match: having(op('MatMul', undefined, { as: 'matmul' }), ({ inputs: [x] }) =>
    x !== undefined && x.type.shape.length > 2
      ? 'the data have more axes than one for the batch and one for the features'
      : undefined,
  ),
  rewrite: ({ matmul }, to) => {
    const [x] = matmul.inputs;
    if (x === undefined) return decline('the MatMul has no data', matmul);
    const matrix = weightMatrix(matmul, to);
    return isDecline(matrix) ? matrix : to.op('Gemm', [x, matrix]);
  },
});
