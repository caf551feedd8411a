import { isConstant, opName, soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { FlowNetwork } from '../../../passes/min-cut.js';
import { inputAffineOf } from '../arithmetic/input-constants.js';
import { dataInputs, integerForm } from './integer-form.js';
import { LAYOUT_OPERATORS } from './layout-operators.js';

/** Which nodes compute on integers; all others compute on real numbers, on the CPU. */
export interface Domains {
  readonly integer: ReadonlySet<Node>;
  /** BatchNormalizations on a graph input, which become part of its quantisation (T2). */
  readonly inputAffines: ReadonlySet<Node>;
}

/**
 * Splits a canonical graph into integers and islands of float (T20) with as few boundaries as possible: tensors that are
 * quantised or dequantised. Layers are integers, operators without an integer form are float; all others, which exist in
 * both, go where a minimum cut puts them, in doubt to the integers, except for a Clip that is no part of a layer. Graph
 * inputs are float; outputs as `output` says.
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
  // A Clip of its own on integers costs 1, so that all of them together cost less than a boundary.
  const loose = graph.nodes.filter((node) => integerForm(node).kind === 'clip' && !belongsToLayer(graph, node));
  const boundary = loose.length + 1;
  for (const node of loose) network.connect(vertexOf(node), floats, 1);
  for (const node of graph.nodes) {
    const vertex = vertexOf(node);
    const { kind } = integerForm(node);
    if (kind === 'layer' || kind === 'pool') network.connect(integers, vertex, Infinity);
    else if (kind === 'float') network.connect(vertex, floats, Infinity);
  }
  const delivered = new Set(graph.outputs.map(({ value }) => value));
  const tensors = [...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs)];
  for (const value of tensors) {
    if (value.type.dtype !== 'float32') continue;
    const readers = [...value.uses].filter(({ node }) => dataInputs(node).includes(value));
    const sides = new Set(readers.map(({ node }) => vertexOf(node)));
    if (delivered.has(value) && value.producer !== undefined) sides.add(output === 'int' ? integers : floats);
    connectTensor(network, value.producer === undefined ? floats : vertexOf(value.producer), sides, boundary);
  }
  const isInteger = network.cut();
  return {
    integer: new Set(graph.nodes.filter((node) => isInteger(vertexOf(node)))),
    inputAffines: new Set(graph.nodes.filter((node) => isInputAffine(graph, node))),
  };
}

/** Whether a Clip bounds what a layer, a pool or an addition computes for it alone, whose requantisation it becomes. */
function belongsToLayer(graph: Graph, clip: Node): boolean {
  const [source] = clip.inputs;
  if (source?.producer === undefined || soleUser(graph, source) !== clip) return false;
  const { kind } = integerForm(source.producer);
  return kind === 'layer' || kind === 'pool' || kind === 'add';
}

/** One boundary if the producer is on one side and any reader on the other, however many there are. */
function connectTensor(network: FlowNetwork, producer: number, readers: ReadonlySet<number>, boundary: number): void {
  if (readers.size === 0) return;
  const dequantised = network.vertex();
  const quantised = network.vertex();
  network.connect(producer, dequantised, boundary);
  network.connect(quantised, producer, boundary);
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
