import { isConstant, type Graph, type Node, type Value } from '../../ir/graph.js';
import { tensorsEqual } from '../../ir/tensor.js';
import { sameAttributes } from '../layout/same-attributes.js';
import { RESHAPING } from '../layout/reinterpret.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** A Transpose or reshaping of a value that an equal one before it has already done → that one's result. */
export const shareEqualLayouts: Rule = rule({
  name: 'share-equal-layouts',
  match: having(op(['Transpose', ...RESHAPING], undefined, { as: 'node' }), (node, graph) =>
    earlierTwin(graph, node) === undefined ? 'no other node does the same' : undefined,
  ),
  rewrite: ({ node }, to) => earlierTwin(to.graph, node) ?? decline('no other node does the same', node),
});

function earlierTwin(graph: Graph, node: Node): Value | undefined {
  const [data] = node.inputs;
  if (data === undefined || data.uses.size < 2) return undefined;
  for (const { node: other, index } of data.uses) {
    if (other === node || index !== 0 || !areTwins(other, node)) continue;
    if (graph.nodes.indexOf(other) < graph.nodes.indexOf(node)) return other.outputs[0];
  }
  return undefined;
}

const areTwins = (a: Node, b: Node): boolean =>
  a.op === b.op &&
  a.domain === b.domain &&
  a.inputs.length === b.inputs.length &&
  sameAttributes(a.attrs, b.attrs) &&
  a.inputs.every((input, i) => isSame(input, b.inputs[i]));

const isSame = (a: Value | undefined, b: Value | undefined): boolean =>
  a === b ||
  (a !== undefined && b !== undefined && isConstant(a) && isConstant(b) && tensorsEqual(a.constant, b.constant));
