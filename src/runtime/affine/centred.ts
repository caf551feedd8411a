import { isConstant, type Node } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../float/buffers.js';
import type { Inputs } from '../float/plan.js';
import { present } from '../float/resolve.js';
import type { Arena } from '../kernel.js';

/** Integers less their zero point, of which there is one, or one for each run of `run` elements in turn. */
function centreInto(target: Float32Array, tensor: Tensor, zeroPoint: Tensor, run: number): Float32Array {
  const data = numbersOf(tensor);
  const zeros = numbersOf(zeroPoint);
  const count = zeros.length;
  for (let i = 0; i < data.length; i++) {
    target[i] = data[i]! - zeros[count === 1 ? 0 : Math.floor(i / run) % count]!;
  }
  return target;
}

/** An activation less its only zero point, exact in float32, in memory that is free again when the kernel returns. */
export const centredData = (x: Tensor, zeroPoint: Tensor, arena: Arena): Float32Array =>
  centreInto(arena.scratch(x.size), x, zeroPoint, x.size);

const constants = new WeakMap<Node, { readonly weights: Tensor; readonly centred: Float32Array }>();

/** Weights (input 1) less their zero points (input 3), kept for a node whose weights are constant. */
export function centredWeights(node: Node, inputs: Inputs, run: number, arena: Arena): Float32Array {
  const weights = present(inputs, 1);
  const zeroPoint = present(inputs, 3);
  const isFixed = [node.inputs[1], node.inputs[3]].every((input) => input !== undefined && isConstant(input));
  if (!isFixed) return centreInto(arena.scratch(weights.size), weights, zeroPoint, run);
  const known = constants.get(node);
  if (known?.weights === weights) return known.centred;
  const centred = centreInto(new Float32Array(weights.size), weights, zeroPoint, run);
  constants.set(node, { weights, centred });
  return centred;
}
