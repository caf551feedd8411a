import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { having } from '../having.js';
import { elementsOf, isDecline, isFoldable, rounded } from '../linear/fold.js';
import { op } from '../pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../rule.js';

/**
 * Gemm with alpha, beta, transA, transB or a bias that broadcasts → Gemm(x[N,K], weight[K,M], bias[M]?) without
 * attributes. Constants are folded in float64 and rounded once; a transposed x gets a Transpose.
 */
export const normaliseGemm: Rule = rule({
  name: 'normalise-gemm',
  match: having(op('Gemm', undefined, { as: 'gemm' }), (node) =>
    isPlain(node) ? 'it is in its plain form' : undefined,
  ),
  rewrite: ({ gemm }, to) => {
    const [x] = gemm.inputs;
    if (x === undefined) return decline('the Gemm has no data', gemm);
    const weight = foldWeight(gemm, to);
    if (isDecline(weight)) return weight;
    const bias = foldBias(gemm, weight, to);
    if (bias !== undefined && isDecline(bias)) return bias;
    const rows = gemm.attrs.int('transA', 0) === 0 ? x : to.op('Transpose', [x], { perm: [1, 0] });
    return to.op('Gemm', bias === undefined ? [rows, weight] : [rows, weight, bias]);
  },
});

function isPlain({ attrs, inputs: [, weight, bias] }: Node): boolean {
  return (
    attrs.size === 0 &&
    (bias === undefined || (bias.type.shape.length === 1 && bias.type.shape[0] === weight?.type.shape[1]))
  );
}

/** alpha · weight, transposed where transB asks for it. */
function foldWeight(gemm: Node, to: Builder): Value | Decline {
  const [, weight] = gemm.inputs;
  const alpha = gemm.attrs.float('alpha', 1);
  const transposed = gemm.attrs.int('transB', 0) !== 0;
  const elements = elementsOf(weight);
  if (weight === undefined || !isConstant(weight) || elements === undefined) {
    return decline('the weights are computed', gemm);
  }
  if (!isFoldable(weight)) return decline(`weights of ${weight.type.dtype} are not folded`, gemm);
  if (alpha === 1 && !transposed) return weight;
  const [a = 1, b = 1] = weight.constant.dims;
  const [rows, columns] = transposed ? [b, a] : [a, b];
  const folded = new Float64Array(a * b);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      folded[at++] = alpha * (elements[transposed ? column * b + row : row * b + column] ?? 0);
    }
  }
  const tensor = rounded(weight.type.dtype, [rows, columns], folded, gemm);
  return isDecline(tensor) ? tensor : to.constant(tensor, weight.name);
}

/** beta · bias as a list with one entry an output; undefined when there is none or beta is 0. */
function foldBias(gemm: Node, weight: Value, to: Builder): Value | Decline | undefined {
  const [, , bias] = gemm.inputs;
  const beta = gemm.attrs.float('beta', 1);
  const outputs = Number(weight.type.shape[1]);
  if (bias === undefined || beta === 0) return undefined;
  const elements = elementsOf(bias);
  if (!isConstant(bias) || elements === undefined) return decline('the bias is computed', gemm);
  if (!isFoldable(bias)) return decline(`a bias of ${bias.type.dtype} is not folded`, gemm);
  const { dims } = bias.constant;
  if (dims.length === 2 && dims[0] !== 1) return decline('the bias differs from row to row', gemm);
  if (beta === 1 && dims.length === 1 && dims[0] === outputs) return bias;
  const single = elements.length === 1;
  const folded = Float64Array.from({ length: outputs }, (_, m) => beta * (elements[single ? 0 : m] ?? 0));
  const tensor = rounded(bias.type.dtype, [outputs], folded, gemm);
  return isDecline(tensor) ? tensor : to.constant(tensor, bias.name);
}
