import type { Location } from '../../ir/diagnostics.js';
import { opName, type Node } from '../../ir/graph.js';
import { layerName, leadingOrigin } from './layer-name.js';

/** Where a node is in the source model. */
export function locationOf(node: Node, file: string): Location {
  const origin = leadingOrigin(node);
  if (origin === undefined) return { file, node: layerName(node), op: opName(node) };
  return { file, nodeIndex: origin.index, node: origin.name, op: origin.op };
}
