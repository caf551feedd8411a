import { isGraphOutput, type Node } from '../../../ir/graph.js';
import { having } from '../../../passes/having.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { checkDropout } from '../../../passes/rules/drop-identity.js';

/** Operators that set bounds, for which an Identity in front says that the tensor is read without them too. */
const BOUNDING: ReadonlySet<string> = new Set(['Clip', 'Relu']);

/**
 * Identity, Dropout (in inference) and Cast to the same type → their input, wherever an exporter has left them between what
 * belongs together. An Identity in front of a Clip or Relu stays: what it separates is two tensors.
 */
export const dropNoise: Rule = rule({
  name: 'drop-noise',
  match: having(op(['Identity', 'Dropout', 'Cast'], undefined, { as: 'node' }), (node) =>
    node.op !== 'Cast' || isIdle(node) ? undefined : 'the type changes',
  ),
  check: ({ node }, graph) => {
    if (node.op === 'Dropout') return checkDropout(node, graph);
    const [y] = node.outputs;
    if (y === undefined || y.uses.size === 0 || isGraphOutput(graph, y))
      return decline('what nothing reads stands between nothing', node);
    const bounded = [...y.uses].some(({ node: reader }) => BOUNDING.has(reader.op));
    return bounded ? decline('it separates a tensor from its bounds', node) : undefined;
  },
  rewrite: ({ node }) => node.inputs[0] ?? decline('it has no input', node),
});

const isIdle = ({ inputs: [x], outputs: [y] }: Node): boolean => x?.type.dtype === y?.type.dtype;
