import type { Graph, Node } from '../../../ir/graph.js';
import type { NodePattern } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Decline, type Replacement, type Rule } from '../../../passes/rule.js';

/** What a rule found behind its root. */
export interface Reading {
  /** The nodes that the rewrite stands for, besides the root. */
  readonly nodes: readonly Node[];
}

/**
 * A rule whose left side is read backwards from the root by a function instead of a pattern, as chains of any length
 * are. `read` returns undefined for what the rule is not about.
 */
export function readingRule<R extends Reading>(spec: {
  readonly name: string;
  readonly roots: readonly string[];
  readonly read: (root: Node, graph: Graph) => R | Decline | undefined;
  readonly rewrite: (reading: R, to: Builder, root: Node) => Replacement | Decline;
}): Rule {
  const matchNode: NodePattern<{ readonly root: Node }>['matchNode'] = (node, graph, before) => {
    const reading = spec.read(node, graph);
    if (reading === undefined) return { reason: 'the rule is about other operators', node, depth: before.nodes.length };
    const covered = 'declined' in reading ? [] : reading.nodes;
    return { bindings: new Map([...before.bindings, ['root', node]]), nodes: [...before.nodes, ...covered, node] };
  };
  return rule<{ readonly root: Node }>({
    name: spec.name,
    match: {
      roots: spec.roots,
      matchNode,
      match: (_value, _graph, match) => ({
        reason: 'the pattern is a root',
        node: undefined,
        depth: match.nodes.length,
      }),
    },
    rewrite: ({ root }, to) => {
      const reading = spec.read(root, to.graph);
      if (reading === undefined) return decline('the rule is about other operators', root);
      return 'declined' in reading ? reading : spec.rewrite(reading, to, root);
    },
  });
}
