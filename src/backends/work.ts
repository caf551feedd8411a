import { isConstant, opName, type Node, type Value } from '../ir/graph.js';
import { sizeOf } from '../ir/shape.js';
import type { Shape } from '../ir/shape.js';

/** Elements behind axis 0 of a shape; unknown sizes count as 1. */
export const rowSize = (shape: Shape): number =>
  sizeOf(shape.slice(1).map((dim) => (typeof dim === 'number' ? dim : 1)));

/**
 * Multiply-accumulates of a node for one sample, on real numbers or integers: products of activations and weights, and of
 * two activations. Unknown sizes count as 1.
 * @param rows how many indices along axis 0 of a value belong to one sample
 */
export function macsOf(node: Node, rows: (value: Value) => number = () => 1): number {
  const [x, weight, recurrence] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || y === undefined || weight === undefined) return 0;
  const elements = (value: Value): number => rows(value) * rowSize(value.type.shape);
  switch (opName(node)) {
    case 'Conv':
    case 'q.Conv':
    case 'qa.Conv':
      return isConstant(weight) ? (elements(y) * weight.constant.size) / Math.max(1, weight.constant.dims[0] ?? 1) : 0;
    case 'ConvTranspose':
    case 'q.ConvTranspose':
    case 'qa.ConvTranspose':
      return isConstant(weight) ? (elements(x) * weight.constant.size) / Math.max(1, weight.constant.dims[0] ?? 1) : 0;
    case 'Gemm':
      return isConstant(weight) ? rows(y) * weight.constant.size : 0;
    case 'MatMul':
    case 'q.MatMul':
    case 'qa.MatMul': {
      const { shape } = weight.type;
      const depth = shape.length === 1 ? shape[0] : shape.at(-2);
      return elements(y) * (typeof depth === 'number' ? depth : 1);
    }
    case 'LSTM':
    case 'GRU':
    case 'RNN': {
      // X is [steps, batch, features]: axis 0 is no batch here.
      const [steps] = x.type.shape;
      const weights = [weight, recurrence].reduce((sum, value) => sum + (value?.constant?.size ?? 0), 0);
      return (typeof steps === 'number' ? steps : 1) * weights;
    }
    default:
      return 0;
  }
}
