import type { Attributes } from './attributes.js';
import type { DType } from './dtype.js';
import type { Dim, Shape } from './shape.js';
import type { Tensor } from './tensor.js';

/** How the integers of a tensor stand for real numbers: real = scale × (integer − zero point) (spec 1.1, where it is 0). */
export interface Quantisation {
  readonly scale: number;
  /** 0 when omitted. */
  readonly zeroPoint?: number;
  /** Width of the integers, which may be narrower than their store. */
  readonly bits: number;
  readonly signed: boolean;
}

/** Element type and shape of a value. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
  /** Set on integer activations of the quantised dialect. */
  readonly quantisation?: Quantisation;
}

/** A node of the source model that a node of the IR stands for. */
export interface Origin {
  readonly index: number;
  readonly name: string;
  readonly op: string;
}

/** One input of a node, as seen from the value it reads. */
export interface Use {
  readonly node: Node;
  readonly index: number;
}

/**
 * An SSA value: a graph input, a constant or one result of a node. Identity is the object; `name` is a label that
 * survives into files and reports.
 */
export interface Value {
  readonly name: string;
  readonly type: ValueType;
  /** The node that computes it; undefined for graph inputs and constants. */
  readonly producer: Node | undefined;
  /** Its elements, when it is a constant. */
  readonly constant: Tensor | undefined;
  /**
   * The integers it holds in terms of known sizes and symbolic dims, when they are known without running the graph
   * (row-major; `Shape`, and arithmetic on it).
   */
  readonly contents: readonly Dim[] | undefined;
  /** Node inputs that read it, in no particular order. Graph outputs are not uses. */
  readonly uses: ReadonlySet<Use>;
}

/** A value known to be a constant. */
export type ConstantValue = Value & { readonly constant: Tensor };

export const isConstant = (value: Value): value is ConstantValue => value.constant !== undefined;

/** One operation. `domain` is '' for ai.onnx, 'q' for the quantised dialect and 'qa' for the affine one. */
export interface Node {
  readonly name: string;
  readonly domain: string;
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attrs: Attributes;
  readonly origins: readonly Origin[];
}

/** `op` qualified by its domain, as the text form writes it: `Conv`, `q.Bnorm`. */
export const opName = (node: { readonly domain: string; readonly op: string }): string =>
  node.domain === '' ? node.op : `${node.domain}.${node.op}`;

/** A graph output. Its name is part of the model's interface and stays whatever value stands behind it. */
export interface Output {
  readonly name: string;
  readonly value: Value;
}

/** A dataflow graph in topological order. Read it here; change it through a `GraphEditor` only. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Output[];
  readonly nodes: readonly Node[];
}

/** Constants in order of first use. */
export function constantsOf(graph: Graph): ConstantValue[] {
  const seen = new Set<ConstantValue>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) if (input !== undefined && isConstant(input)) seen.add(input);
  }
  for (const { value } of graph.outputs) if (isConstant(value)) seen.add(value);
  return [...seen];
}

/** Every value: inputs, constants, results. */
export function* valuesOf(graph: Graph): Generator<Value> {
  yield* graph.inputs;
  yield* constantsOf(graph);
  for (const node of graph.nodes) yield* node.outputs;
}

/** Whether the value is the value of a graph output. */
export const isGraphOutput = (graph: Graph, value: Value): boolean =>
  graph.outputs.some((output) => output.value === value);

/** The single node that reads the value, when it is read exactly once and is not a graph output. */
export function soleUser(graph: Graph, value: Value): Node | undefined {
  if (value.uses.size !== 1 || isGraphOutput(graph, value)) return undefined;
  for (const use of value.uses) return use.node;
  return undefined;
}

/** Source nodes of several nodes, without repetition, in source order. */
export function mergeOrigins(nodes: Iterable<{ readonly origins: readonly Origin[] }>): Origin[] {
  const byIndex = new Map<number, Origin>();
  for (const node of nodes) for (const origin of node.origins) byIndex.set(origin.index, origin);
  return [...byIndex.values()].sort((a, b) => a.index - b.index);
}
