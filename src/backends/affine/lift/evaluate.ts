import { isConstant, opName, type Node, type Value } from '../../../ir/graph.js';
import { isStatic, sizeOf } from '../../../ir/shape.js';
import type { Tensor } from '../../../ir/tensor.js';
import { ExecutionFault } from '../../../runtime/kernel.js';
import { LASTING_ARENA } from '../../../runtime/lasting-arena.js';
import { AFFINE_KERNELS } from '../dialect.js';

/** Runs one node on tensors; undefined when it has no kernel or they do not fit. */
export function runNode(node: Node, inputs: readonly (Tensor | undefined)[]): readonly Tensor[] | undefined {
  try {
    return AFFINE_KERNELS.get(opName(node))?.(node, inputs, LASTING_ARENA);
  } catch (error) {
    if (error instanceof ExecutionFault) return undefined;
    throw error;
  }
}

/** Results of constants with more elements than this stay computed. */
const MOST_ELEMENTS = 2 ** 26;

/** Runs a node on constants alone; undefined as well when the result would be large or its size is not known. */
export function runConstant(node: Node, inputs: readonly (Tensor | undefined)[]): Tensor | undefined {
  const isSmall = node.outputs.every(({ type: { shape } }) => isStatic(shape) && sizeOf(shape) <= MOST_ELEMENTS);
  return isSmall ? runNode(node, inputs)?.[0] : undefined;
}

/** Scales, zero points and biases that are computed from constants take no more nodes than this. */
const MOST_NODES = 16;

/** The elements of a value that constants alone decide, by few nodes; undefined for all others. */
export function constantTensor(value: Value): Tensor | undefined {
  let left = MOST_NODES;
  const evaluate = (current: Value): Tensor | undefined => {
    if (isConstant(current)) return current.constant;
    const { producer } = current;
    if (left-- <= 0 || producer?.outputs[0] !== current) return undefined;
    const inputs: (Tensor | undefined)[] = [];
    for (const input of producer.inputs) {
      const tensor = input && evaluate(input);
      if (input !== undefined && tensor === undefined) return undefined;
      inputs.push(tensor);
    }
    return runConstant(producer, inputs);
  };
  return evaluate(value);
}
