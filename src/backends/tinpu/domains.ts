import { isConstant, opName, type Graph, type Node, type Value } from '../../ir/graph.js';
import { FlowNetwork } from '../../passes/min-cut.js';
import { inputAffineOf } from './input-constants.js';
import { dataInputs, integerForm } from './integer-form.js';
import { LAYOUT_OPERATORS } from './layout-operators.js';

/** Which nodes compute on integers; all others compute on real numbers, on the CPU. */
export interface Domains {
  readonly integer: ReadonlySet<Node>;
  /** BatchNormalizations on a graph input, which become part of its quantisation (T2). */
  readonly inputAffines: ReadonlySet<Node>;
}

/** What a boundary costs in the cut, against 1 for a Clip on integers where it could be done in float. */
const BOUNDARY = 64;

/**
 * Splits a canonical graph into integers and islands of float (T20) with as few boundaries as possible: tensors that are
 * quantised or dequantised. Layers are integers, operators without an integer form are float; all others, which exist in
 * both, go where a minimum cut puts them, in doubt to the integers. Graph inputs are float; outputs as `output` says.
 */
export function assignDomains(graph: Graph, output: 'int' | 'float'): Domains {
  const network = new FlowNetwork();
  const vertices = new Map<Node, number>();
  const vertexOf = (node: Node): number => {
    const known = vertices.get(node);
    if (known !== undefined) return known;
    const vertex = network.vertex();
    vertices.set(node, vertex);
    return vertex;
  };
  const integers = network.source;
  const floats = network.sink;
  for (const node of graph.nodes) {
    const vertex = vertexOf(node);
    const { kind } = integerForm(node);
    if (kind === 'layer' || kind === 'pool') network.connect(integers, vertex, Infinity);
    else if (kind === 'float') network.connect(vertex, floats, Infinity);
    else if (kind === 'clip') network.connect(vertex, floats, 1);
  }
  const delivered = new Set(graph.outputs.map(({ value }) => value));
  const tensors = [...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs)];
  for (const value of tensors) {
    if (value.type.dtype !== 'float32') continue;
    const readers = [...value.uses].filter(({ node }) => dataInputs(node).includes(value));
    const sides = new Set(readers.map(({ node }) => vertexOf(node)));
    if (delivered.has(value) && value.producer !== undefined) sides.add(output === 'int' ? integers : floats);
    connectTensor(network, value.producer === undefined ? floats : vertexOf(value.producer), sides);
  }
  const isInteger = network.cut();
  return {
    integer: new Set(graph.nodes.filter((node) => isInteger(vertexOf(node)))),
    inputAffines: new Set(graph.nodes.filter((node) => isInputAffine(graph, node))),
  };
}

/** One boundary if the producer is on one side and any reader on the other, however many there are. */
function connectTensor(network: FlowNetwork, producer: number, readers: ReadonlySet<number>): void {
  if (readers.size === 0) return;
  const dequantised = network.vertex();
  const quantised = network.vertex();
  network.connect(producer, dequantised, BOUNDARY);
  network.connect(quantised, producer, BOUNDARY);
  for (const reader of readers) {
    network.connect(dequantised, reader, Infinity);
    network.connect(reader, quantised, Infinity);
  }
}

/** Layouts between the input and its BatchNormalization do not matter: the input sequence moves to the boundary. */
function isInputAffine(graph: Graph, node: Node): boolean {
  const [source, ...parameters] = node.inputs;
  if (opName(node) !== 'BatchNormalization' || source === undefined) return false;
  if (!graph.inputs.includes(rawInput(source))) return false;
  if (!parameters.every((value) => value !== undefined && isConstant(value))) return false;
  const { factor, center, offset } = inputAffineOf(node);
  return [...factor, ...center, ...offset].every(Number.isFinite);
}

/** The tensor a value is a mere rearrangement of. */
export function rawInput(value: Value): Value {
  let origin = value;
  while (origin.producer !== undefined && LAYOUT_OPERATORS.has(origin.producer.op)) {
    const [source] = origin.producer.inputs;
    if (source === undefined) break;
    origin = source;
  }
  return origin;
}
