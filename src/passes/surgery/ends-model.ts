import { isGraphOutput, soleUser, type Graph, type Value } from '../../ir/graph.js';

/** Operators that only move elements. */
const LAYOUTS: readonly string[] = ['Flatten', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity'];

/** Why a function stays that `endsModel` finds at the end. */
export const ENDS_MODEL = 'it ends the model, where it runs behind the integers as it is';

/** Whether the value is a graph output, perhaps in another layout. */
export function endsModel(graph: Graph, value: Value | undefined): boolean {
  for (let at = value; at !== undefined;) {
    if (isGraphOutput(graph, at)) return true;
    const reader = soleUser(graph, at);
    at = reader !== undefined && LAYOUTS.includes(reader.op) ? reader.outputs[0] : undefined;
  }
  return false;
}
