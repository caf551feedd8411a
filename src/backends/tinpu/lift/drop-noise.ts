import { isGraphOutput, type Node, type Value } from '../../../ir/graph.js';
import { having } from '../../../passes/having.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { checkDropout } from '../../../passes/rules/drop-identity.js';

/** Operators that set bounds, for which an Identity in front says that the tensor is read without them too. */
const BOUNDING: ReadonlySet<string> = new Set(['Clip', 'Relu']);

/**
 * Identity, Dropout (in inference), Cast to the same type and Cast to float64 and back → their input, wherever an exporter
 * has left them between what belongs together. An Identity between a Floor or a Clip of two bounds and a Clip or Relu
 * stays: what it separates is two tensors.
 */
export const dropNoise: Rule = rule({
  name: 'drop-noise',
  match: having(op(['Identity', 'Dropout', 'Cast'], undefined, { as: 'node' }), (node) =>
    node.op !== 'Cast' || sourceOf(node) !== undefined ? undefined : 'the type changes',
  ),
  check: ({ node }, graph) => {
    if (node.op === 'Dropout') return checkDropout(node, graph);
    const [y] = node.outputs;
    const x = sourceOf(node);
    if (y !== undefined && isGraphOutput(graph, y) && (x?.producer === undefined || isGraphOutput(graph, x)))
      return decline('the tensor behind the output is one of its own', node);
    const bounded =
      node.op === 'Identity' &&
      separates(x) &&
      [...(y?.uses ?? [])].some(({ node: reader }) => BOUNDING.has(reader.op));
    return bounded ? decline('it separates a tensor from its bounds', node) : undefined;
  },
  rewrite: ({ node }) => sourceOf(node) ?? decline('it has no input', node),
});

/** What a node passes on; undefined for a Cast that changes elements. */
function sourceOf({ op: name, inputs: [x], outputs: [y] }: Node): Value | undefined {
  if (name !== 'Cast' || x?.type.dtype === y?.type.dtype) return x;
  const [narrow] = x?.producer?.op === 'Cast' ? x.producer.inputs : [];
  return x?.type.dtype === 'float64' && narrow?.type.dtype === 'float32' && y?.type.dtype === 'float32'
    ? narrow
    : undefined;
}

/** Whether a tensor is one of its own in front of bounds: a Floor that is no requantisation yet, or what has both bounds. */
const separates = (x: Value | undefined): boolean =>
  x?.producer?.op === 'Floor' || (x?.producer?.op === 'Clip' && x.producer.inputs.filter(Boolean).length === 3);
