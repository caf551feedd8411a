import type { DType } from '../ir/dtype.js';
import type { Node } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';

/** Memory of a running graph. */
export interface Arena {
  /** A tensor for a result; its elements are NOT zeroed. It lives until its last reader has run. */
  tensor: <D extends DType>(dtype: D, dims: readonly number[]) => Tensor<D>;
  /** A Float32Array of at least `length` elements that is free again when the kernel returns; not zeroed. */
  scratch: (length: number) => Float32Array;
}

/**
 * Computes the results of one node. Inputs are read only. A result may share `data` with an input (Reshape) or be newly
 * allocated from the arena; a kernel never writes into an input.
 * Shapes and types have been checked by the operator's `infer`; sizes that were symbolic are checked here.
 */
export type Kernel = (node: Node, inputs: readonly (Tensor | undefined)[], arena: Arena) => readonly Tensor[];

/** Kernels by qualified operator name (`Conv`, `q.Bnorm`). */
export type KernelTable = ReadonlyMap<string, Kernel>;

/** The data given to a run contradict the graph (a size that was symbolic turned out not to fit). */
export class ExecutionFault extends Error {
  override readonly name = 'ExecutionFault';
}
