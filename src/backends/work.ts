import { opName, type Node, type Value } from '../ir/graph.js';
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
      return elements(y) * rowSize(weight.type.shape);
    case 'ConvTranspose':
    case 'q.ConvTranspose':
    case 'qa.ConvTranspose':
      return elements(x) * rowSize(weight.type.shape);
    case 'Gemm':
      return rows(y) * rowSize([1, ...weight.type.shape]);
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
