import type { Graph, Node } from '../ir/graph.js';
import { isMismatch, type NodePattern } from './pattern.js';

/**
 * `pattern` at nodes that `objection` has nothing against. Unlike a rule's `check`, an objection is no refusal of a
 * match but a miss: it is for nodes that the rule is not about, of which a graph may have many.
 */
export function having<B extends object>(
  pattern: NodePattern<B>,
  objection: (node: Node, graph: Graph) => string | undefined,
): NodePattern<B> {
  return {
    ...pattern,
    matchNode: (node, graph, before) => {
      const match = pattern.matchNode(node, graph, before);
      if (isMismatch(match)) return match;
      const reason = objection(node, graph);
      return reason === undefined ? match : { reason, node, depth: match.nodes.length };
    },
  };
}
