import { Attributes } from '../../ir/attributes.js';
import type { DType } from '../../ir/dtype.js';
import type { GraphEditor } from '../../ir/editor.js';
import type { Value } from '../../ir/graph.js';

/** A node that reads a value, and constants. */
export interface InsertedNode {
  readonly op: string;
  readonly label: string;
  readonly constants: readonly Value[];
  readonly attrs?: Attributes;
  /** The element type of the result; that of the value when omitted. */
  readonly dtype?: DType;
}

/** Adds a node that reads a value, with a result of the same shape, in front of all others that read it. */
export function insertBehind(
  editor: GraphEditor,
  value: Value,
  { op, label, constants, attrs = Attributes.none, dtype = value.type.dtype }: InsertedNode,
): Value {
  const { nodes } = editor.graph;
  const [result] = editor.addNode(
    {
      op,
      name: label,
      inputs: [value, ...constants],
      attrs,
      outputs: [{ name: label, type: { dtype, shape: value.type.shape } }],
    },
    nodes[value.producer === undefined ? 0 : nodes.indexOf(value.producer) + 1],
  ).outputs;
  if (result === undefined) throw new RangeError('a node has a result');
  return result;
}
