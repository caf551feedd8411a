import type { Node } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Arena } from '../kernel.js';

/** Memory for a result of the node, of the element type that inference gave it. */
export const newResult = (node: Node, arena: Arena, dims: readonly number[], index = 0): Tensor =>
  arena.tensor(node.outputs[index]!.type.dtype, dims);
