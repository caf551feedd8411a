import { isConstant, opName, soleUser, type ConstantValue, type Graph, type Node, type Value } from '../../ir/graph.js';
import { isStatic } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { inverse, mapTensor, permOf } from '../layout/axis-map.js';
import { isPointwise } from '../layout/relabel.js';
import { reinterpret, RESHAPING } from '../layout/reinterpret.js';
import { op } from '../pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../rule.js';

/**
 * Transpose(Reshape(Gemm(x, W, b))) → Reshape(Gemm(x, W', b')) with the columns of W and b in the order of the result,
 * also with elementwise operators behind the Gemm.
 */
export const foldTransposeIntoGemmResult: Rule = rule({
  name: 'fold-transpose-into-gemm-result',
  match: op('Transpose', [op(RESHAPING, undefined, { as: 'reshape', soleUse: true })], { as: 'transpose' }),
  rewrite: ({ reshape, transpose }, to) => {
    const perm = permOf(transpose);
    const shape = reshape.outputs[0]?.type.shape ?? [];
    const features = shape.slice(1);
    const result = transpose.outputs[0]?.type.shape ?? [];
    const chain = layersBehind(to.graph, reshape);
    const [gemm] = chain;
    if (gemm === undefined) return decline('no Gemm or MatMul of its own computes the data', reshape);
    const [batch] = gemm.outputs[0]?.type.shape ?? [];
    if (perm[0] !== 0 || batch !== shape[0]) return decline('the first axis moves', transpose);
    if (!isStatic(features)) return decline('the number of features is not known', reshape);
    const order = inverse(perm.slice(1).map((axis) => axis - 1));
    const permuted = withColumns(gemm, to, (matrix) => reorderLast(matrix, features, order));
    if ('declined' in permuted) return permuted;
    let value: Value = permuted;
    for (const node of chain.slice(1)) {
      value = to.op(opName(node), [value, ...node.inputs.slice(1)], node.attrs, { standsFor: node });
    }
    return reinterpret(to, value, result) ?? decline('the shape has sizes that no constant expresses', reshape);
  },
});

/** The Gemm or MatMul that computes what the node reads, then the elementwise operators between, each read by the next alone. */
function layersBehind(graph: Graph, node: Node): readonly Node[] {
  const chain: Node[] = [];
  for (let value = node.inputs[0]; value?.producer !== undefined; [value] = value.producer.inputs) {
    if (soleUser(graph, value) === undefined || value.type.shape.length !== 2) return [];
    chain.unshift(value.producer);
    if (['Gemm', 'MatMul'].includes(opName(value.producer))) return chain;
    if (!isPointwise(value.producer)) return [];
  }
  return [];
}

/** A copy of the node whose weights and bias have their columns in another order. */
function withColumns(gemm: Node, to: Builder, reorder: (columns: Tensor) => Tensor): Value | Decline {
  const [x, weight, bias] = gemm.inputs;
  if (weight === undefined || !isConstant(weight) || weight.constant.rank !== 2) {
    return decline('its weights are no constant matrix', gemm);
  }
  if (gemm.attrs.int('transB', 0) !== 0) return decline('its weights are transposed', gemm);
  const reordered = (value: ConstantValue): Value => to.constant(reorder(value.constant), value.name);
  let last = bias;
  if (bias !== undefined && bias.type.shape.length > 0 && bias.type.shape.at(-1) !== 1) {
    if (!isConstant(bias)) return decline('its bias is not constant', gemm);
    last = reordered(bias);
  }
  return to.op(gemm.op, [x, reordered(weight), ...(last === undefined ? [] : [last])], gemm.attrs, { standsFor: gemm });
}

/** The tensor with its last axis, which holds `features` row-major, holding them with axis i at place `order[i]`. */
function reorderLast(tensor: Tensor, features: readonly number[], order: readonly number[]): Tensor {
  const outer = tensor.dims.slice(0, -1);
  const axes = [...outer.map((_, axis) => axis), ...order.map((axis) => axis + outer.length)];
  return mapTensor(tensor.reshape([...outer, ...features]), { axes, rank: axes.length }).reshape(tensor.dims);
}
