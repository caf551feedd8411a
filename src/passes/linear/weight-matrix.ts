import { isConstant, type ConstantValue, type Node } from '../../ir/graph.js';
import { decline, type Builder, type Decline } from '../rule.js';
import { isFoldable } from './fold.js';

/** The constant weights [1,…,1,K,M] of a MatMul whose data have as many axes or more, as a matrix [K,M]. */
export function weightMatrix(matmul: Node, to: Builder): ConstantValue | Decline {
  const [x, weight] = matmul.inputs;
  if (x === undefined || weight === undefined || !isConstant(weight)) {
    const left = x !== undefined && isConstant(x);
    return decline(left ? 'the constant is on the left of the data' : 'neither operand is constant', matmul);
  }
  if (!isFoldable(weight)) return decline(`weights of ${weight.type.dtype} are not folded`, matmul);
  const { constant, name } = weight;
  const rank = x.type.shape.length;
  if (rank < 2) return decline('the data are a single row', matmul);
  if (constant.rank < 2) return decline('the weights are a single column', matmul);
  if (constant.rank === 2) return weight;
  if (constant.rank > rank || constant.dims.slice(0, -2).some((dim) => dim !== 1)) {
    return decline(`weights [${constant.dims.join(', ')}] are more than one matrix`, matmul);
  }
  const matrix = to.constant(constant.reshape(constant.dims.slice(-2)), name);
  return isConstant(matrix) ? matrix : decline('the weights are no constant', matmul);
}
