import { isConstant, opName, soleUser, type Graph, type Node, type Value } from '../../ir/graph.js';
import { affineComplaint, arithmeticComplaint, boundsComplaint, hintOf } from './complaints.js';

/** Operators that only move elements, so that integers pass through unchanged (spec 1.5, T16). */
export const LAYOUT_OPERATORS: ReadonlySet<string> = new Set([
  'Flatten',
  'Reshape',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
]);

/** Float functions of one tensor that may end a model: they run in float on the CPU behind the last integers (T20). */
const TAIL_OPERATORS: ReadonlySet<string> = new Set([
  'Softmax',
  'LogSoftmax',
  'Sigmoid',
  'HardSigmoid',
  'Tanh',
  'Softplus',
  'Exp',
]);

/** Bounds of a Clip; infinite where left open. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A tensor that becomes integers. */
export interface QuantisationPoint {
  /** The float tensor whose range is observed. */
  readonly value: Value;
  /**
   * `input`: a graph input. `affine`: a BatchNormalization on a graph input, done by the input sequence.
   * `layer`: Conv or Gemm. `pool`: an averaging pool. `tail`: the float result behind the last integers.
   */
  readonly kind: 'input' | 'affine' | 'layer' | 'pool' | 'tail';
  /** The node that computes the tensor, without the Clip that may follow it; undefined for an input. */
  readonly node: Node | undefined;
  /** Bounds of the Clip whose result the tensor is. */
  readonly bounds: Bounds | undefined;
  /** The point whose integers this one is computed from. */
  readonly from: QuantisationPoint | undefined;
}

/** Why a node cannot be lowered. */
export interface Obstacle {
  readonly node: Node;
  readonly reason: string;
  readonly hint: string;
}

export interface Roles {
  /** In topological order. */
  readonly points: readonly QuantisationPoint[];
  readonly obstacles: readonly Obstacle[];
}

const BOTH_READ = 'let the other reader, or the graph output, take the activation behind the bounds as well';

const FLOAT32_ONLY =
  'models of float32 tensors are compiled; export the model with float32 inputs, weights and activations';

/** Decides what becomes of every node of a canonical float graph, and lists what stands in the way. */
export function assignRoles(graph: Graph): Roles {
  return new RoleAssignment(graph).run();
}

/** Where a tensor lives: still the raw input, integers of a point, float behind them, or behind an obstacle. */
type Home =
  | { readonly kind: 'head' }
  | { readonly kind: 'integer'; readonly point: QuantisationPoint }
  | { readonly kind: 'tail' }
  | { readonly kind: 'unknown' };

const UNKNOWN: Home = { kind: 'unknown' };

class RoleAssignment {
  readonly #graph: Graph;
  readonly #homes = new Map<Value, Home>();
  readonly #points: QuantisationPoint[] = [];
  readonly #obstacles: Obstacle[] = [];

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  run(): Roles {
    for (const input of this.#graph.inputs) this.#homes.set(input, { kind: 'head' });
    for (const node of this.#graph.nodes) this.#visit(node);
    for (const { value } of this.#graph.outputs) {
      const tail = this.#homes.get(value)?.kind === 'tail';
      if (tail && !this.#points.some((point) => point.value === value)) {
        this.#points.push({ value, kind: 'tail', node: value.producer, bounds: undefined, from: undefined });
      }
    }
    this.#refuseMixedReaders();
    return { points: this.#points, obstacles: this.#obstacles };
  }

  #visit(node: Node): void {
    const [output] = node.outputs;
    const data = node.inputs.filter((input) => input !== undefined && !isConstant(input));
    const [source] = data;
    if (output === undefined || source === undefined) return;
    const { dtype } = source.type;
    if (dtype !== 'float32') return this.#refuse(node, `${opName(node)} reads elements of type ${dtype}`, FLOAT32_ONLY);
    const home = this.#homes.get(source) ?? UNKNOWN;
    if (data.length > 1) return this.#refuse(node, `${opName(node)} joins ${data.length} tensors`);
    if (LAYOUT_OPERATORS.has(node.op) || node.op === 'MaxPool') {
      if (node.outputs.length > 1) return this.#refuse(node, `${opName(node)} returns indices as well`);
      if (node.op !== 'MaxPool' || home.kind === 'integer' || home.kind === 'unknown') this.#homes.set(output, home);
      else if (home.kind === 'tail') this.#refuse(node, 'MaxPool follows a float function');
      else this.#homes.set(output, { kind: 'integer', point: this.#quantiseInput(source) });
      return;
    }
    if (TAIL_OPERATORS.has(node.op)) {
      if (home.kind === 'head') return this.#refuse(node, `${opName(node)} is applied to the raw input`);
      if (!this.#endsModel(output)) return this.#refuse(node, `${opName(node)} is followed by further layers`);
      this.#homes.set(output, { kind: 'tail' });
      return;
    }
    if (home.kind === 'tail') return this.#refuse(node, `${opName(node)} follows a float function`);
    this.#visitArithmetic(node, source, output, home);
  }

  #visitArithmetic(node: Node, source: Value, output: Value, home: Exclude<Home, { kind: 'tail' }>): void {
    switch (opName(node)) {
      case 'Conv':
      case 'Gemm':
      case 'AveragePool':
      case 'GlobalAveragePool': {
        const complaint = arithmeticComplaint(node);
        if (complaint !== undefined) return this.#refuse(node, complaint.reason, complaint.hint);
        if (home.kind === 'unknown') return;
        const from = home.kind === 'integer' ? home.point : this.#quantiseInput(source);
        const kind = node.op === 'Conv' || node.op === 'Gemm' ? 'layer' : 'pool';
        return this.#addPoint({ kind, node, from }, output);
      }
      case 'BatchNormalization':
        if (home.kind !== 'head') {
          const { reason, hint } = affineComplaint(node);
          return this.#refuse(node, reason, hint);
        }
        return this.#addPoint({ kind: 'affine', node, from: undefined }, output);
      case 'Clip':
        // A Clip behind its layer was consumed with the layer.
        if (this.#homes.has(output) || home.kind === 'unknown') return;
        if (home.kind === 'head')
          return this.#addPoint({ kind: 'input', node: undefined, from: undefined }, source, node);
        return this.#refuse(node, 'the clipped tensor is also read without the bounds', BOTH_READ);
      default:
        return this.#refuse(node, `${opName(node)} has no integer form`);
    }
  }

  /** The input sequence either contains the BatchNormalization or does not. */
  #refuseMixedReaders(): void {
    for (const { kind, node } of this.#points) {
      const [source] = node?.inputs ?? [];
      if (kind !== 'affine' || node === undefined || source === undefined) continue;
      const raw = rawInput(source);
      const plain = this.#points.some((point) => point.kind === 'input' && point.value === raw);
      if (plain) this.#refuse(node, `'${raw.name}' is also read without the BatchNormalization`);
    }
  }

  /** The point of a raw input; inputs read by several layers share one. */
  #quantiseInput(value: Value): QuantisationPoint {
    const origin = rawInput(value);
    const known = this.#points.find((point) => point.kind === 'input' && point.value === origin);
    if (known !== undefined) return known;
    const point: QuantisationPoint = {
      value: origin,
      kind: 'input',
      node: undefined,
      bounds: undefined,
      from: undefined,
    };
    this.#points.push(point);
    return point;
  }

  /** Adds the point of `output`, or of the Clip that alone reads it. */
  #addPoint(point: Pick<QuantisationPoint, 'kind' | 'node' | 'from'>, output: Value, clip?: Node): void {
    const reader = clip ?? soleUser(this.#graph, output);
    const clipped = reader?.op === 'Clip' && reader.domain === '' ? reader : undefined;
    const value = clipped?.outputs[0] ?? output;
    const bounds = clipped === undefined ? undefined : boundsOf(clipped);
    if (clipped !== undefined && bounds !== undefined) {
      const complaint = boundsComplaint(bounds);
      if (complaint !== undefined) return this.#refuse(clipped, complaint.reason, complaint.hint);
    }
    const added: QuantisationPoint = { ...point, value, bounds };
    this.#points.push(added);
    this.#homes.set(value, { kind: 'integer', point: added });
  }

  /** Whether every path from the value to a graph output runs through float functions and layout alone. */
  #endsModel(value: Value): boolean {
    const pending = [value];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const { node } of next.uses) {
        if (!TAIL_OPERATORS.has(node.op) && !LAYOUT_OPERATORS.has(node.op)) return false;
        pending.push(...node.outputs);
      }
    }
    return true;
  }

  #refuse(node: Node, reason: string, hint = hintOf(node)): void {
    this.#obstacles.push({ node, reason, hint });
  }
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

/** Bounds of a canonical Clip node. */
export function boundsOf(clip: Node): Bounds | undefined {
  const read = (index: number, open: number): number | undefined => {
    const input = clip.inputs[index];
    return input === undefined ? open : input.constant?.toNumbers()[0];
  };
  const min = read(1, -Infinity);
  const max = read(2, Infinity);
  return min === undefined || max === undefined ? undefined : { min, max };
}
