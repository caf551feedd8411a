import type { Attributes } from '../../ir/attributes.js';
import type { Node } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';

/** The inputs of a kernel. */
export type Inputs = readonly (Tensor | undefined)[];

interface Entry<P> {
  readonly attrs: Attributes;
  readonly inputs: readonly (Pick<Tensor, 'dtype' | 'dims'> | undefined)[];
  readonly plan: P;
}

/**
 * Remembers for each node what `build` makes of it, for as long as its attributes and the types and sizes of its inputs
 * stay the same; `build` must not look at the elements.
 */
export function planned<P>(build: (node: Node, inputs: Inputs) => P): (node: Node, inputs: Inputs) => P {
  const entries = new WeakMap<Node, Entry<P>>();
  return (node, inputs) => {
    const entry = entries.get(node);
    if (entry !== undefined && holds(entry, node, inputs)) return entry.plan;
    const plan = build(node, inputs);
    const shapes = inputs.map((tensor) => tensor && { dtype: tensor.dtype, dims: tensor.dims });
    entries.set(node, { attrs: node.attrs, inputs: shapes, plan });
    return plan;
  };
}

function holds(entry: Entry<unknown>, node: Node, inputs: Inputs): boolean {
  if (entry.attrs !== node.attrs || entry.inputs.length !== inputs.length) return false;
  for (let i = 0; i < inputs.length; i++) {
    const was = entry.inputs[i];
    const is = inputs[i];
    if (was === undefined || is === undefined) {
      if (was !== is) return false;
    } else if (was.dtype !== is.dtype || !sameDims(was.dims, is.dims)) return false;
  }
  return true;
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
