import { InternalError } from '../../ir/diagnostics.js';
import type { Node } from '../../ir/graph.js';
import { OperatorFault, type InferenceCall, type Operator } from '../../ir/ops/operator.js';
import { isStatic } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { ExecutionFault } from '../kernel.js';

/** The inference call of a node whose inputs are all at hand. */
export function concreteCall(node: Node, inputs: readonly (Tensor | undefined)[]): InferenceCall {
  return {
    op: node.op,
    attrs: node.attrs,
    inputs: inputs.map(
      (tensor) =>
        tensor && { type: { dtype: tensor.dtype, shape: tensor.dims }, constant: tensor, contents: undefined },
    ),
    outputCount: node.outputs.length,
    freshDim: () => '?',
  };
}

/** Runs what may find that the data do not fit the node. @throws ExecutionFault instead of OperatorFault. */
export function checked<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof OperatorFault) throw new ExecutionFault(error.message);
    throw error;
  }
}

/**
 * The sizes of all results, by the operator's own inference on the tensors at hand.
 * @throws ExecutionFault when they do not fit, which sizes and integers unknown to inference may turn out not to.
 */
export function resolveDims(
  spec: Operator,
  node: Node,
  inputs: readonly (Tensor | undefined)[],
): readonly (readonly number[])[] {
  const results = checked(() => spec.infer(concreteCall(node, inputs)));
  return results.map(({ type: { shape } }) => {
    if (isStatic(shape)) return shape;
    throw new InternalError(`${node.op} does not follow from its inputs: ${shape.join('x')}`);
  });
}

/** The input at `index`, which arity checks have shown to be there. */
export function present(inputs: readonly (Tensor | undefined)[], index: number): Tensor {
  const tensor = inputs[index];
  if (tensor === undefined) throw new InternalError(`a kernel misses its input ${index}`);
  return tensor;
}
