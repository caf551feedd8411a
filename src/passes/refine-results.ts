import type { GraphEditor, ResultSpec } from '../ir/editor.js';
import { opName, type Node, type Value } from '../ir/graph.js';
import type { InferenceCall, ResultFacts } from '../ir/ops/operator.js';
import type { OperatorTable } from '../ir/ops/table.js';
import type { Dim } from '../ir/shape.js';

/** Marks sizes that inference cannot tell. */
const UNKNOWN = '\u0000';

/**
 * Infers the results of a node anew after its inputs have changed. When that tells more than was known, a node with the
 * better types takes its place.
 * @returns the node that stands in the graph now
 * @throws OperatorFault when the inputs do not fit the operator.
 */
export function refineResults(node: Node, editor: GraphEditor, operators: OperatorTable): Node {
  const spec = operators.get(opName(node));
  if (spec === undefined) return node;
  const call: InferenceCall = { ...node, outputCount: node.outputs.length, freshDim: () => UNKNOWN };
  const facts = spec.infer(call);
  const refined = node.outputs.map((output, i) => refine(output, facts[i]));
  if (refined.every((result) => result === undefined)) return node;
  const outputs = node.outputs.map(({ name, type, contents }, i): ResultSpec => refined[i] ?? { name, type, contents });
  const successor = editor.addNode({ ...node, outputs }, node);
  for (const [i, output] of node.outputs.entries()) {
    const better = successor.outputs[i];
    if (better !== undefined) editor.replaceAllUses(output, better);
  }
  editor.remove(node);
  for (const [i, { name }] of node.outputs.entries()) {
    const better = successor.outputs[i];
    if (better !== undefined) editor.rename(better, name);
  }
  return successor;
}

/** What is known of a value together with new facts; undefined when the facts add nothing. */
function refine({ name, type, contents }: Value, facts: ResultFacts | undefined): ResultSpec | undefined {
  if (facts === undefined) return undefined;
  const shape = type.shape.map((dim, axis) => better(dim, facts.type.shape[axis]));
  const known = contents?.map((dim, i) => better(dim, facts.contents?.[i])) ?? facts.contents;
  const moreShape = shape.some((dim, axis) => dim !== type.shape[axis]);
  const moreContents = known?.some((dim, i) => dim !== contents?.[i]) ?? false;
  if (!moreShape && !moreContents && (contents !== undefined || known === undefined)) return undefined;
  return { name, type: { ...type, shape }, contents: known };
}

/** A size, or a symbol that the inputs bear, rather than one that stands for this result alone. */
function better(old: Dim, inferred: Dim | undefined): Dim {
  if (typeof old === 'number' || inferred === undefined) return old;
  return typeof inferred === 'string' && inferred.includes(UNKNOWN) ? old : inferred;
}
