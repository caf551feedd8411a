import { opName, soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { DisjointSets } from '../../../passes/disjoint-sets.js';
import { rawInput } from '../split/domains.js';
import { dataInputs } from '../../split/data-inputs.js';
import { integerForm } from '../split/integer-form.js';
import { LAYOUT_OPERATORS } from '../../split/layout-operators.js';

/**
 * The tensors that one observer of TI's wrapper watches, which then updates for each of them in every batch (spec 1.7 step
 * 2): input and result of a pool and of an operator that moves elements, operands and result of an addition with a Relu
 * behind it. A layout has an observer of its own, unless it is a reshape of the model's input or of its
 * BatchNormalization; so has an addition without Relu.
 */
export function sharedObservers(graph: Graph): DisjointSets<Value> {
  const shared = new DisjointSets<Value>();
  for (const node of graph.nodes) {
    const [result] = node.outputs;
    if (result === undefined) continue;
    const { kind } = integerForm(node);
    const reader = soleUser(graph, result);
    const rectified = kind === 'add' && reader?.op === 'Clip' ? reader.outputs[0] : undefined;
    const sharing =
      kind === 'pool' || (kind === 'mover' && (!LAYOUT_OPERATORS.has(node.op) || reshapesInput(graph, node)));
    const together = rectified ?? (sharing ? result : undefined);
    if (together !== undefined) for (const operand of dataInputs(node)) shared.union(operand, together);
  }
  return shared;
}

function reshapesInput(graph: Graph, { inputs, origins }: Node): boolean {
  const origin = inputs[0] && rawInput(inputs[0]);
  if (origin === undefined || !origins.some(({ op }) => op === 'Reshape')) return false;
  const { producer } = origin;
  return graph.inputs.includes(origin) || (producer !== undefined && isInputNormalisation(graph, producer));
}

const isInputNormalisation = (graph: Graph, node: Node): boolean =>
  opName(node) === 'BatchNormalization' &&
  node.inputs[0] !== undefined &&
  graph.inputs.includes(rawInput(node.inputs[0]));
