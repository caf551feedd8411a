import type { Graph, Node, Value } from '../../ir/graph.js';

/** The input sequence that a graph input runs through first; undefined for one that is read by anything else. */
export function inputNormOf({ nodes }: Graph, input: Value): Node | undefined {
  const readers = nodes.filter(({ inputs }) => inputs.includes(input));
  const [first, ...others] = readers;
  return others.length === 0 && first?.domain === 'q' && first.op === 'InputNorm' ? first : undefined;
}
