import { opName, type Graph, type Value } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { groupIslands, type Island } from '../../report/islands.js';

/** The islands of a quantised graph: ai.onnx operators on anything but integer activations, connected by their tensors. */
export function islandsOf(graph: Graph): Island[] {
  return groupIslands(
    graph,
    (node) => node.domain === '' && !node.inputs.some((input) => input !== undefined && isActivation(input)),
    (value) => (value.producer !== undefined && opName(value.producer) === 'q.Dequantize' ? value : undefined),
    ({ uses }) => [...uses].some(({ node }) => opName(node) === 'q.InputNorm'),
  );
}

const isActivation = ({ type, constant }: Value): boolean =>
  constant === undefined && ACTIVATION_TYPES.includes(type.dtype);
