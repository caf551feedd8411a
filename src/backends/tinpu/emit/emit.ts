import type { Graph } from '../../../ir/graph.js';
import { OPERATORS } from '../../../ir/ops/index.js';
import { Carrier } from './carrier.js';
import { emitterOf } from './emitters.js';

/** Opset of emitted models; TI's compiler expects it (spec 4.2). */
export const TINPU_OPSET = 17;

/**
 * The quantised graph as an ai.onnx graph in the float32 carrier (spec 1.6). Every tensor of the quantised graph is there
 * under its own label, so that dumps, runs and reports can be compared by name.
 */
export function emitCarrier(graph: Graph): Graph {
  const labels = [...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs)].map((value) => value.name);
  const carrier = new Carrier(graph.name, OPERATORS, labels);
  for (const input of graph.inputs) carrier.addInput(input);
  for (const node of graph.nodes) emitterOf(node)(node, carrier);
  for (const { name, value } of graph.outputs) {
    if (value.constant !== undefined) carrier.define(value, carrier.tensor(value.constant, value.name));
    carrier.addOutput(name, value);
  }
  return carrier.graph;
}
