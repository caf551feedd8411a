import { opName, type Graph, type Value } from '../../src/ir/graph.js';
import { codeOfDType } from '../../src/ir/onnx/data-type.js';
import { Tensor, numberData } from '../../src/ir/tensor.js';
import type { Attributes } from '../../src/ir/attributes.js';
import {
  modelBytes,
  type AttributeSpec,
  type FunctionSpec,
  type ModelSpec,
  type NodeSpec,
  type TensorSpec,
} from './onnx-builder.js';

/** A node that is rewritten as text: its tensors are names. */
export interface DraftNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeSpec>>;
  readonly domain?: string;
}

/** A static model taken apart into nodes in topological order and constants, to be written in other forms. */
export class ModelDraft {
  nodes: readonly DraftNode[];
  readonly constants: Map<string, Tensor> = new Map<string, Tensor>();
  readonly shapes: Map<string, readonly number[]> = new Map<string, readonly number[]>();
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Initializers that are listed among the graph inputs too. */
  readonly listed: Set<string> = new Set<string>();
  /** Functions that nodes call, whose own nodes are of any opset. */
  readonly functions: FunctionSpec[] = [];
  #count = 0;

  constructor(graph: Graph) {
    const name = (value: Value | undefined): string => {
      if (value === undefined) return '';
      if (value.constant !== undefined) this.constants.set(value.name, value.constant);
      this.shapes.set(value.name, value.type.shape.map(Number));
      return value.name;
    };
    this.inputs = graph.inputs.map(name);
    this.nodes = graph.nodes.map((node) => ({
      op: opName(node),
      inputs: node.inputs.map(name),
      outputs: node.outputs.map(name),
      attributes: attributeSpecs(node.attrs),
    }));
    this.outputs = graph.outputs.map(({ value }) => name(value));
  }

  /** A name that nothing has yet. */
  fresh(hint: string): string {
    return `${hint}/${this.#count++}`;
  }

  constant(tensor: Tensor, hint = 'constant'): string {
    const name = this.fresh(hint);
    this.constants.set(name, tensor);
    this.shapes.set(name, tensor.dims);
    return name;
  }

  floats(dims: readonly number[], values: Iterable<number>, hint?: string): string {
    return this.constant(Tensor.float32(dims, values), hint);
  }

  ints(values: readonly number[], hint?: string): string {
    return this.constant(Tensor.int64(values), hint);
  }

  /** A tensor that a node is going to compute. */
  tensor(shape: readonly number[], hint = 'tensor'): string {
    const name = this.fresh(hint);
    this.shapes.set(name, shape);
    return name;
  }

  shapeOf(name: string | undefined): readonly number[] {
    const shape = name === undefined ? undefined : this.shapes.get(name);
    if (shape === undefined) throw new Error(`the shape of '${name}' is not known`);
    return shape;
  }

  /** The elements of a float constant. */
  dataOf(name: string | undefined): readonly number[] | undefined {
    const tensor = name === undefined ? undefined : this.constants.get(name);
    const data = tensor && numberData(tensor);
    return data && Array.from(data);
  }

  producer(name: string | undefined): DraftNode | undefined {
    return name === undefined ? undefined : this.nodes.find(({ outputs }) => outputs.includes(name));
  }

  readers(name: string | undefined): readonly DraftNode[] {
    return name === undefined ? [] : this.nodes.filter(({ inputs }) => inputs.includes(name));
  }

  /** Whether one node alone reads a tensor, which is no output. */
  isInner(name: string | undefined): boolean {
    return name !== undefined && !this.outputs.includes(name) && this.readers(name).length === 1;
  }

  /** Drops nodes and constants that no output depends on. */
  prune(): void {
    const read = new Set(this.outputs);
    const kept: DraftNode[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!node.outputs.some((output) => read.has(output))) continue;
      for (const input of node.inputs) read.add(input);
      kept.unshift(node);
    }
    this.nodes = kept;
    for (const name of this.constants.keys()) if (!read.has(name)) this.constants.delete(name);
    for (const name of this.listed) if (!read.has(name)) this.listed.delete(name);
  }

  /** The file, with what a writer decides beyond the graph. */
  toBytes({ opset = 17, batch, imports = [], ...rest }: DraftFile = {}): Uint8Array {
    const dims = (name: string): (number | string)[] =>
      this.shapeOf(name).map((dim, axis) => (axis === 0 && batch !== undefined ? batch : dim));
    return modelBytes({
      opset,
      nodes: this.nodes.map((node) => fitted(node, opset, this)),
      inputs: [
        ...this.inputs.map((name) => ({ name, shape: dims(name) })),
        ...[...this.listed].map((name) => listedInput(name, this.constants.get(name))),
      ],
      outputs: this.outputs.map((name) => ({ name, shape: dims(name) })),
      initializers: [...this.constants].map(([name, tensor]) => tensorSpec(tensor, name)),
      functions: this.functions.map((each) => ({ ...each, opset })),
      imports: [
        ...imports,
        ...[...new Set(this.functions.map(({ domain }) => domain))].map((domain) => [domain, 1] as const),
      ],
      ...rest,
    });
  }
}

/** What is said of the file beside the graph; `batch` names axis 0 of inputs and outputs. */
export type DraftFile = Pick<ModelSpec, 'irVersion' | 'producer' | 'metadata' | 'imports'> & {
  readonly opset?: number;
  readonly batch?: string | undefined;
};

const listedInput = (name: string, tensor: Tensor | undefined): { name: string; type: number; shape: number[] } => ({
  name,
  type: tensor === undefined ? 1 : codeOfDType(tensor.dtype),
  shape: [...(tensor?.dims ?? [])],
});

export const tensorSpec = ({ dtype, dims, data }: Tensor, name?: string): TensorSpec => ({
  ...(name !== undefined && { name }),
  type: codeOfDType(dtype),
  dims,
  raw: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
});

/** Reductions take their axes as an attribute before opset 18, sums before 13. */
function fitted(node: DraftNode, opset: number, draft: ModelDraft): NodeSpec {
  const [x, axes] = node.inputs;
  if (opset >= 18 || axes === undefined || !/^Reduce(Mean|Max|Min)$/.test(node.op)) return node;
  const list = draft.constants.get(axes)?.toNumbers() ?? [];
  return { ...node, inputs: [x ?? ''], attributes: { ...node.attributes, axes: { ints: list } } };
}

function attributeSpecs(attrs: Attributes): Record<string, AttributeSpec> {
  const specs: Record<string, AttributeSpec> = {};
  for (const [name, attribute] of attrs) {
    if (attribute.kind === 'int') specs[name] = { int: attribute.value };
    else if (attribute.kind === 'ints') specs[name] = { ints: attribute.value };
    else if (attribute.kind === 'float') specs[name] = { float: attribute.value };
    else if (attribute.kind === 'floats') specs[name] = { floats: attribute.value };
    else if (attribute.kind === 'string') specs[name] = { string: attribute.value };
    else if (attribute.kind === 'strings') specs[name] = { strings: attribute.value };
    else specs[name] = { tensor: tensorSpec(attribute.value) };
  }
  return specs;
}
