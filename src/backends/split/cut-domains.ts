import type { Graph, Node } from '../../ir/graph.js';
import { FlowNetwork } from '../../passes/min-cut.js';
import { dataInputs } from './data-inputs.js';

/** On which side a node computes, or for one that exists on both, where it goes if that costs no boundary. */
export type NodeDomain = 'integer' | 'float' | 'rather-integer' | 'rather-float';

export interface DomainQuestion {
  readonly formOf: (node: Node) => NodeDomain;
  /** Whether graph outputs deliver integers. */
  readonly integerOutputs: boolean;
}

/**
 * Splits a graph between integers and islands of float by a minimum cut with as few boundaries as possible: tensors that
 * are quantised or dequantised. Graph inputs are float.
 * @returns the nodes that compute on integers
 */
export function cutDomains(graph: Graph, { formOf, integerOutputs }: DomainQuestion): ReadonlySet<Node> {
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
  const forms = graph.nodes.map((node) => [node, formOf(node)] as const);
  // A node that would rather be float costs 1 on integers, so that all of them together cost less than a boundary.
  const loose = forms.filter(([, form]) => form === 'rather-float');
  const boundary = loose.length + 1;
  for (const [node] of loose) network.connect(vertexOf(node), floats, 1);
  for (const [node, form] of forms) {
    const vertex = vertexOf(node);
    if (form === 'integer') network.connect(integers, vertex, Infinity);
    else if (form === 'float') network.connect(vertex, floats, Infinity);
  }
  const delivered = new Set(graph.outputs.map(({ value }) => value));
  const tensors = [...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs)];
  for (const value of tensors) {
    if (value.type.dtype !== 'float32') continue;
    const readers = [...value.uses].filter(({ node }) => dataInputs(node).includes(value));
    const sides = new Set(readers.map(({ node }) => vertexOf(node)));
    if (delivered.has(value) && value.producer !== undefined) sides.add(integerOutputs ? integers : floats);
    connectTensor(network, value.producer === undefined ? floats : vertexOf(value.producer), sides, boundary);
  }
  const isInteger = network.cut();
  return new Set(graph.nodes.filter((node) => isInteger(vertexOf(node))));
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
