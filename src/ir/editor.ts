import { Attributes } from './attributes.js';
import { InternalError } from './diagnostics.js';
import {
  valuesOf,
  type Graph,
  type Node,
  type Origin,
  type Output,
  type Use,
  type Value,
  type ValueType,
} from './graph.js';
import { sameShape, type Dim } from './shape.js';
import type { Tensor } from './tensor.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface MutableValue extends Mutable<Omit<Value, 'uses'>> {
  uses: Set<Use>;
}
interface MutableNode extends Mutable<Omit<Node, 'inputs' | 'outputs'>> {
  inputs: (Value | undefined)[];
  outputs: Value[];
}
interface MutableGraph extends Mutable<Omit<Graph, 'inputs' | 'outputs' | 'nodes'>> {
  inputs: Value[];
  outputs: Output[];
  nodes: Node[];
}

/** What changed; sent after the change. */
export type GraphEvent =
  | { readonly kind: 'node-added'; readonly node: Node }
  | { readonly kind: 'node-removed'; readonly node: Node }
  | { readonly kind: 'node-changed'; readonly node: Node }
  | { readonly kind: 'output-changed'; readonly output: Output };

/** What is said of a result of a new node. */
export interface ResultSpec {
  readonly name?: string;
  readonly type: ValueType;
  readonly contents?: readonly Dim[] | undefined;
}

/** What is said of a new node; its domain is `''`, and name, attributes and origins are empty, when omitted. */
export interface NodeSpec {
  readonly op: string;
  readonly domain?: string;
  readonly name?: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly ResultSpec[];
  readonly attrs?: Attributes;
  readonly origins?: readonly Origin[];
}

/** The only way to change a graph. Keeps use lists, topological order and unique labels; tells its listeners. */
export class GraphEditor {
  readonly graph: Graph;
  readonly #graph: MutableGraph;
  readonly #names = new Set<string>();
  /** Labels `base_1` to `base_n` of a base that are all taken. */
  readonly #taken = new Map<string, number>();
  readonly #listeners = new Set<(event: GraphEvent) => void>();

  constructor(graph: Graph) {
    this.graph = graph;
    this.#graph = graph as MutableGraph;
    for (const value of valuesOf(graph)) this.#names.add(value.name);
    for (const output of graph.outputs) this.#names.add(output.name);
  }

  /** An empty graph and its editor. */
  static create(name: string): GraphEditor {
    const graph: Graph = { name, inputs: [], outputs: [], nodes: [] };
    return new GraphEditor(graph);
  }

  /** Calls `listener` after every change until the returned function is called. */
  listen(listener: (event: GraphEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds a graph input behind the others. */
  addInput(name: string, type: ValueType): Value {
    const value = makeValue(this.#uniqueName(name), type);
    this.#graph.inputs.push(value);
    return value;
  }

  /** Makes a value a graph output, behind the others. */
  addOutput(name: string, value: Value): Output {
    const output: Output = { name, value };
    this.#names.add(name);
    this.#graph.outputs.push(output);
    return output;
  }

  /** A constant; it belongs to the graph for as long as something reads it. */
  constant(tensor: Tensor, name = 'constant', quantisation?: ValueType['quantisation']): Value {
    const type: ValueType = { dtype: tensor.dtype, shape: tensor.dims, ...(quantisation && { quantisation }) };
    const value = makeValue(this.#uniqueName(name), type);
    value.constant = tensor;
    value.contents = contentsOf(tensor);
    return value;
  }

  /**
   * Gives a constant other elements, for all that read it.
   * @throws InternalError when the tensor is of another type or shape
   */
  setConstant(value: Value, tensor: Tensor): void {
    const { dtype, shape } = value.type;
    if (value.constant === undefined || tensor.dtype !== dtype || !sameShape(tensor.dims, shape)) {
      throw new InternalError(`'${value.name}' (${dtype}) cannot become ${tensor.dtype}[${tensor.dims.join(',')}]`);
    }
    const mutable = value as unknown as MutableValue;
    mutable.constant = tensor;
    mutable.contents = contentsOf(tensor);
    for (const node of new Set([...value.uses].map((use) => use.node))) this.#emit({ kind: 'node-changed', node });
  }

  /** Adds a node before `before` (at the end when omitted). Its inputs must be defined before that place. */
  addNode(spec: NodeSpec, before?: Node): Node {
    const node: MutableNode = {
      name: spec.name ?? '',
      domain: spec.domain ?? '',
      op: spec.op,
      inputs: [...spec.inputs],
      outputs: [],
      attrs: spec.attrs ?? Attributes.none,
      origins: spec.origins ?? [],
    };
    for (const [i, result] of spec.outputs.entries()) {
      const label = result.name ?? `${spec.name ?? spec.op}${i === 0 ? '' : `_${i}`}`;
      const value = makeValue(result.name === '' ? '' : this.#uniqueName(label), result.type);
      value.producer = node;
      value.contents = result.contents;
      node.outputs.push(value);
    }
    for (const [index, input] of node.inputs.entries()) if (input !== undefined) addUse(input, { node, index });
    if (before === undefined) this.#graph.nodes.push(node);
    else this.#graph.nodes.splice(this.#indexOf(before), 0, node);
    this.#emit({ kind: 'node-added', node });
    return node;
  }

  /** Makes a node read another value at one of its inputs, or none. */
  setInput(node: Node, index: number, value: Value | undefined): void {
    const old = node.inputs[index];
    if (old === value) return;
    if (old !== undefined) removeUse(old, node, index);
    (node as unknown as MutableNode).inputs[index] = value;
    if (value !== undefined) addUse(value, { node, index });
    this.#emit({ kind: 'node-changed', node });
  }

  /** Replaces all attributes of a node. */
  setAttributes(node: Node, attrs: Attributes): void {
    (node as MutableNode).attrs = attrs;
    this.#emit({ kind: 'node-changed', node });
  }

  /** Replaces what is known of a value's element type, shape and quantisation. */
  setType(value: Value, type: ValueType): void {
    (value as unknown as MutableValue).type = type;
    if (value.producer !== undefined) this.#emit({ kind: 'node-changed', node: value.producer });
  }

  /** Gives a value another label; a label in use elsewhere gets a numeric suffix. */
  rename(value: Value, name: string): void {
    if (value.name === name) return;
    this.#release(value.name);
    (value as unknown as MutableValue).name = this.#uniqueName(name);
  }

  /** The value of a graph output takes the output's name for its label; no other value may bear it. */
  labelAsOutput({ name, value }: Output): void {
    if (value.name === name) return;
    this.#names.delete(name);
    this.rename(value, name);
  }

  /**
   * Readers and graph outputs of `from` read `to` instead. Labels stay; see `rename`.
   */
  replaceAllUses(from: Value, to: Value): void {
    if (from === to) return;
    for (const use of [...from.uses]) this.setInput(use.node, use.index, to);
    for (const output of [...this.#graph.outputs]) if (output.value === from) this.setOutput(output, to);
  }

  /** The graph output delivers another value under its name. */
  setOutput(output: Output, value: Value): void {
    const replaced: Output = { name: output.name, value };
    this.#graph.outputs[this.#graph.outputs.indexOf(output)] = replaced;
    this.#emit({ kind: 'output-changed', output: replaced });
  }

  /** Removes a node none of whose results is read. */
  remove(node: Node): void {
    for (const value of node.outputs) {
      if (value.uses.size > 0 || this.#graph.outputs.some((output) => output.value === value)) {
        throw new InternalError(`node ${node.name} (${node.op}) is removed while '${value.name}' is still read`);
      }
      this.#release(value.name);
    }
    for (const [index, input] of node.inputs.entries()) if (input !== undefined) removeUse(input, node, index);
    this.#graph.nodes.splice(this.#indexOf(node), 1);
    this.#emit({ kind: 'node-removed', node });
  }

  /** Removes a graph input that nothing reads. */
  removeInput(value: Value): void {
    if (value.uses.size > 0 || this.#graph.outputs.some((output) => output.value === value)) {
      throw new InternalError(`graph input '${value.name}' is removed while it is still read`);
    }
    this.#graph.inputs.splice(this.#graph.inputs.indexOf(value), 1);
    this.#release(value.name);
  }

  #indexOf(node: Node): number {
    const index = this.#graph.nodes.indexOf(node);
    if (index < 0) throw new InternalError(`node ${node.name} (${node.op}) is not in graph ${this.graph.name}`);
    return index;
  }

  #uniqueName(wanted: string): string {
    const base = wanted === '' ? 'value' : wanted;
    let name = base;
    if (this.#names.has(base)) {
      let n = this.#taken.get(base) ?? 0;
      do name = `${base}_${++n}`;
      while (this.#names.has(name));
      this.#taken.set(base, n);
    }
    this.#names.add(name);
    return name;
  }

  #release(name: string): void {
    this.#names.delete(name);
    const [, base, suffix] = /^(.*)_(\d+)$/s.exec(name) ?? [];
    const taken = base === undefined ? undefined : this.#taken.get(base);
    if (base !== undefined && taken !== undefined)
      this.#taken.set(base, Math.min(taken, Math.max(Number(suffix) - 1, 0)));
  }

  #emit(event: GraphEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** The integers of a constant that is small enough to take part in shape arithmetic. */
const contentsOf = (tensor: Tensor): readonly number[] | undefined =>
  (tensor.dtype === 'int64' || tensor.dtype === 'int32') && tensor.rank <= 1 && tensor.size <= 64
    ? tensor.toNumbers()
    : undefined;

function makeValue(name: string, type: ValueType): MutableValue {
  return { name, type, producer: undefined, constant: undefined, contents: undefined, uses: new Set() };
}

function addUse(value: Value, use: Use): void {
  (value as MutableValue).uses.add(use);
}

function removeUse(value: Value, node: Node, index: number): void {
  for (const use of value.uses) {
    if (use.node !== node || use.index !== index) continue;
    (value as MutableValue).uses.delete(use);
    return;
  }
}
