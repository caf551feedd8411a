import { isConstant, type ConstantValue, type Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { isFoldable } from '../linear/fold.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../rule.js';

/**
 * MatMul(x[N,K], weight[K,M]) → Gemm(x, weight). Data [N,1,…,1,K] are flattened before and reshaped after it; weights
 * [1,…,1,K,M] count as a matrix.
 */
export const rewriteMatmulAsGemm: Rule = rule({
  name: 'rewrite-matmul-as-gemm',
  match: op('MatMul', [any('x'), any('weight')], { as: 'matmul' }),
  rewrite: ({ x, weight, matmul }, to) => {
    if (!isConstant(weight)) {
      return decline(isConstant(x) ? 'the constant is on the left of the data' : 'neither operand is constant', matmul);
    }
    if (!isFoldable(weight)) return decline(`weights of ${weight.type.dtype} are not folded`, matmul);
    const rank = x.type.shape.length;
    if (rank < 2) return decline('the data are a single row', matmul);
    const matrix = asMatrix(weight, rank, to);
    if ('declined' in matrix) return matrix;
    if (rank === 2) return to.op('Gemm', [x, matrix]);
    const middle = x.type.shape.slice(1, -1);
    if (middle.some((dim) => dim !== 1)) {
      return decline('the data have more axes than one for the batch and one for the features', matmul);
    }
    const product = to.op('Gemm', [to.op('Flatten', [x], { axis: 1 }), matrix]);
    const shape = [0, ...middle.map(() => 1), Number(matrix.type.shape[1])];
    return to.op('Reshape', [product, to.constant(Tensor.int64(shape), 'shape')]);
  },
});

/** The weights as [K,M], where the result has as many axes as the data of this rank. */
function asMatrix(weight: ConstantValue, rank: number, to: Builder): Value | Decline {
  const { constant, name } = weight;
  if (constant.rank === 2) return weight;
  if (constant.rank < 2) return decline('the weights are a single column');
  if (constant.rank > rank || constant.dims.slice(0, -2).some((dim) => dim !== 1)) {
    return decline(`weights [${constant.dims.join(', ')}] are more than one matrix`);
  }
  return to.constant(constant.reshape(constant.dims.slice(-2)), name);
}
