import { opName, type Node } from '../../../ir/graph.js';

/**
 * Labels under which the float graph may hold what a requantisation's result stands for: its own; as real numbers at an
 * output bear the label of the float tensor, that of its real numbers; and that of what a q.Clip behind it makes of it.
 */
export const labelsOf = ({ outputs }: Node): string[] =>
  outputs.flatMap(({ name, uses }) => [
    name,
    ...[...uses].flatMap(({ node }) => (BEHIND.has(opName(node)) ? node.outputs.map((result) => result.name) : [])),
  ]);

const BEHIND: ReadonlySet<string> = new Set(['q.Dequantize', 'q.Clip']);
