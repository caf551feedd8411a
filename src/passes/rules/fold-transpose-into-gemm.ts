import { isStatic } from '../../ir/shape.js';
import { mapTensor, permOf } from '../layout/axis-map.js';
import { any, constant, maybe, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * Gemm(Flatten(Transpose(x)), W) → Gemm(Flatten(x), W') with the rows of W in the order of x; the same for MatMul. Only
 * the order of the sums changes.
 */
export const foldTransposeIntoGemm: Rule = rule({
  name: 'fold-transpose-into-gemm',
  match: op(
    ['Gemm', 'MatMul'],
    [
      op('Flatten', [op('Transpose', [any('x')], { as: 'transpose' })], { as: 'flatten' }),
      constant('weight'),
      maybe(any('bias')),
    ],
    { as: 'gemm' },
  ),
  rewrite: ({ x, transpose, flatten, weight, bias, gemm }, to) => {
    const perm = permOf(transpose);
    const { constant: matrix } = weight;
    const features = transpose.outputs[0]?.type.shape.slice(1) ?? [];
    if (flatten.attrs.int('axis', 1) !== 1) return decline('it does not keep the first axis alone', flatten);
    if (perm[0] !== 0) return decline('the first axis moves', transpose);
    if (gemm.attrs.int('transA', 0) !== 0) return decline('it multiplies the transposed data', gemm);
    if (!isStatic(features)) return decline('the number of features is not known', transpose);
    if (matrix.rank !== 2) return decline('the weights are no matrix', gemm);
    const order = perm.slice(1).map((axis) => axis - 1);
    const last = order.length;
    const [rows = 0, columns = 0] = matrix.dims;
    const across = gemm.attrs.int('transB', 0) !== 0;
    const permuted = across
      ? mapTensor(matrix.reshape([rows, ...features]), { axes: [0, ...order.map((axis) => axis + 1)], rank: last + 1 })
      : mapTensor(matrix.reshape([...features, columns]), { axes: [...order, last], rank: last + 1 });
    const inputs = [to.op('Flatten', [x], { axis: 1 }), to.constant(permuted.reshape(matrix.dims), weight.name)];
    return to.op(gemm.op, [...inputs, ...(bias === undefined ? [] : [bias])], gemm.attrs);
  },
});
