import { isConstant, isGraphOutput, type Graph, type Node } from '../../ir/graph.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Decline, type Rule } from '../rule.js';

/** Operators that hand on their only input; the variadic ones when there is just one. */
const OPERATORS = ['Identity', 'Dropout', 'Sum', 'Mean', 'Max', 'Min', 'Concat'];

/** Identity, Dropout (in inference), and Sum, Mean, Max, Min or Concat of one input → that input. */
export const dropIdentity: Rule = rule({
  name: 'drop-identity',
  match: having(op(OPERATORS, undefined, { as: 'node' }), (node) =>
    node.op === 'Dropout' || node.inputs.length === 1 ? undefined : 'it has several inputs',
  ),
  check: ({ node }, graph) => (node.op === 'Dropout' ? checkDropout(node, graph) : undefined),
  rewrite: ({ node }) => node.inputs[0] ?? decline('it has no input', node),
});

/** Refuses a Dropout that may not be in inference, or whose mask is read. */
export function checkDropout(node: Node, graph: Graph): Decline | undefined {
  const [, , training] = node.inputs;
  const [, mask] = node.outputs;
  if (training !== undefined && !isConstant(training)) return decline('its training mode is computed', node);
  const isRead = mask !== undefined && (mask.uses.size > 0 || isGraphOutput(graph, mask));
  return isRead ? decline('its mask is read', node) : undefined;
}
