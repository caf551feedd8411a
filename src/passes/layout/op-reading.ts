import { opName, type Node } from '../../ir/graph.js';
import type { NodePattern } from '../pattern.js';

/**
 * A node of one of `names` that reads the result of a node of one of `producers` at any place; binds them as `node` and
 * `producer`. The first such place counts.
 * @param what names the producers in near misses
 */
export function opReading(
  names: readonly string[],
  producers: readonly string[],
  what: string,
): NodePattern<{ readonly node: Node; readonly producer: Node }> {
  const roots = new Set(names);
  const wanted = new Set(producers);
  const pattern: NodePattern<{ readonly node: Node; readonly producer: Node }> = {
    roots: names,
    matchNode: (node, _graph, match) => {
      const depth = match.nodes.length;
      if (!roots.has(opName(node))) return { reason: `${opName(node)} is not among the operators`, node, depth };
      for (const input of node.inputs) {
        const producer = input?.producer;
        if (producer?.outputs[0] !== input || producer === undefined || !wanted.has(opName(producer))) continue;
        return {
          bindings: new Map([...match.bindings, ['node', node], ['producer', producer]]),
          nodes: [...match.nodes, producer, node],
        };
      }
      return { reason: `${opName(node)} does not read ${what}`, node, depth: depth + 1 };
    },
    match: (value, graph, match) =>
      value?.producer === undefined
        ? { reason: 'no node computes the value', node: undefined, depth: match.nodes.length }
        : pattern.matchNode(value.producer, graph, match),
  };
  return pattern;
}
