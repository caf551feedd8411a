import { isConstant, opName, type Node, type Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { ExecutionFault, type Arena } from '../../../runtime/kernel.js';
import { AFFINE_KERNELS } from '../dialect.js';

/** Memory that is never given out twice. */
const ARENA: Arena = {
  tensor: (dtype, dims) => Tensor.zeros(dtype, dims),
  scratch: (length) => new Float32Array(length),
};

/** Runs one node on tensors; undefined when it has no kernel or they do not fit. */
export function runNode(node: Node, inputs: readonly (Tensor | undefined)[]): readonly Tensor[] | undefined {
  try {
    return AFFINE_KERNELS.get(opName(node))?.(node, inputs, ARENA);
  } catch (error) {
    if (error instanceof ExecutionFault) return undefined;
    throw error;
  }
}

/** Scales and zero points that are computed from constants take no more steps than this. */
const MOST_STEPS = 16;

/** The elements of a value that constants alone decide, in few steps; undefined for all others. */
export function constantTensor(value: Value, steps: number = MOST_STEPS): Tensor | undefined {
  if (isConstant(value)) return value.constant;
  const { producer } = value;
  if (steps === 0 || producer?.outputs[0] !== value) return undefined;
  const inputs: (Tensor | undefined)[] = [];
  for (const input of producer.inputs) {
    const tensor = input && constantTensor(input, steps - 1);
    if (input !== undefined && tensor === undefined) return undefined;
    inputs.push(tensor);
  }
  return runNode(producer, inputs)?.[0];
}
