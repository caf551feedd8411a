import { isConstant, opName, soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { sameShape } from '../../../ir/shape.js';
import { DisjointSets } from '../../../passes/disjoint-sets.js';
import { brokenConstants } from '../../split/broken-constants.js';
import { unwritableForm } from './unwritable-form.js';
import { assignDomains, rawInput, type Domains } from './domains.js';
import { dataInputs } from '../../split/data-inputs.js';
import { integerForm } from './integer-form.js';
import { Widths, type WidthOptions } from '../../split/widths.js';
import type { Bits } from '../../quantisation.js';

/** Bounds of a Clip; infinite where left open. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A tensor that becomes integers by a requantisation, an addition or the input sequence. */
export interface QuantisationPoint {
  /** The float tensor whose range is observed. */
  readonly value: Value;
  /**
   * `input`: a graph input. `affine`: a BatchNormalization on a graph input, done by the input sequence.
   * `layer`: Conv, ConvTranspose or Gemm. `pool`: an averaging pool. `add`: a sum of integers. `island`: the result of
   * float operators.
   */
  readonly kind: 'input' | 'affine' | 'layer' | 'pool' | 'add' | 'island';
  /** The node that computes the tensor, without the Clip that may follow it; undefined for an input. */
  readonly node: Node | undefined;
  /** Bounds of the Clip whose result the tensor is. */
  readonly bounds: Bounds | undefined;
  /** Tensors of the same scale, this one among them. */
  readonly group: ScaleGroup;
  /** Tensors of the same signedness, this one among them: a part of the group. */
  readonly signs: ScaleGroup;
  /** The scale of the integers that a layer or a pool computes with. */
  readonly from: ScaleGroup | undefined;
  /** Width of the integers. */
  readonly bits: Bits;
  /** Width of the weights of a layer. */
  readonly weightBits: Bits;
  /** A 1×1 convolution that an addition takes in with 10 bits instead of 8 (BNORMRES, spec 1.2, T14). */
  readonly residual: boolean;
}

/** Points that additions, concatenations and moved elements tie together (spec 1.5). In topological order. */
export interface ScaleGroup {
  readonly points: readonly QuantisationPoint[];
}

/** Why the model cannot be lowered at a node. */
export interface Obstacle {
  readonly node: Node;
  readonly reason: string;
  readonly hint: string;
}

export interface RoleOptions extends WidthOptions {
  /** What graph outputs deliver, integers. */
  readonly output?: 'int' | 'float' | undefined;
}

export interface Roles {
  /** In topological order. */
  readonly points: readonly QuantisationPoint[];
  /** In order of their first point. */
  readonly groups: readonly ScaleGroup[];
  readonly domains: Domains;
  readonly obstacles: readonly Obstacle[];
  /** Names in `layerBits` that no layer bears. */
  readonly unknownLayers: readonly string[];
}

/** Whether anything but inputs and the borders of islands becomes integers. */
export const computesIntegers = ({ points }: Pick<Roles, 'points'>): boolean =>
  points.some(({ kind }) => kind !== 'input' && kind !== 'affine' && kind !== 'island');

/** Decides what becomes of every node of a canonical float graph. */
export function assignRoles(graph: Graph, { output = 'int', ...widthOptions }: RoleOptions = {}): Roles {
  const domains = assignDomains(graph, output);
  const { drafts, scales, signs } = draftPoints(graph, domains, output);
  const widths = new Widths(widthOptions);
  const ofScale = new Grouping();
  const ofSign = new Grouping();
  const residual = residualOperands(graph, domains);
  const wanted = drafts.map(({ node, value }) => widths.of(node, value));
  // Tensors that pass through the same operators have one width, the widest that is asked for.
  const activationBits = new Map<Value, Bits>();
  for (const [i, { value }] of drafts.entries()) {
    const root = signs.find(value);
    activationBits.set(root, widest(activationBits.get(root), wanted[i]?.activations));
  }
  const points = drafts.map(({ source, ...draft }, i): QuantisationPoint => {
    const root = signs.find(draft.value);
    const point = {
      ...draft,
      group: ofScale.of(scales.find(draft.value)),
      signs: ofSign.of(root),
      from: source && ofScale.of(scales.find(source)),
      bits: activationBits.get(root) ?? 8,
      weightBits: wanted[i]?.weights ?? 8,
      residual: residual.has(draft.value),
    };
    point.group.points.push(point);
    point.signs.points.push(point);
    return point;
  });
  const groups = [...new Set(points.map(({ group }) => group))];
  return { points, groups, domains, obstacles: obstaclesOf(graph, domains), unknownLayers: widths.unknown };
}

const widest = (a: Bits = 2, b: Bits = 2): Bits => (a > b ? a : b);

/** Groups by the value that represents them. */
class Grouping {
  readonly #groups = new Map<Value, { readonly points: QuantisationPoint[] }>();

  of(root: Value): { readonly points: QuantisationPoint[] } {
    const known = this.#groups.get(root);
    if (known !== undefined) return known;
    const group = { points: [] };
    this.#groups.set(root, group);
    return group;
  }
}

/** A point before its groups are known; `source` is the tensor that a layer or a pool reads. */
type Draft = Pick<QuantisationPoint, 'value' | 'kind' | 'node' | 'bounds'> & { readonly source: Value | undefined };

interface Drafts {
  readonly drafts: readonly Draft[];
  /** Values that share a scale. */
  readonly scales: DisjointSets<Value>;
  /** Values that share a signedness as well. */
  readonly signs: DisjointSets<Value>;
}

function draftPoints(graph: Graph, { integer, inputAffines }: Domains, output: 'int' | 'float'): Drafts {
  const drafts: Draft[] = [];
  const scales = new DisjointSets<Value>();
  const signs = new DisjointSets<Value>();
  const delivered = new Set(output === 'int' ? graph.outputs.map(({ value }) => value) : []);
  const becomesIntegers = (value: Value): boolean =>
    value.type.dtype === 'float32' &&
    ((delivered.has(value) && value.producer !== undefined) ||
      [...value.uses].some(({ node }) => integer.has(node) && dataInputs(node).includes(value)));
  const addBoundary = (value: Value): void => {
    if (!becomesIntegers(value)) return;
    const clip = value.producer?.op === 'Clip' && value.producer.domain === '' ? value.producer : undefined;
    const node = (clip === undefined ? value : clip.inputs[0])?.producer;
    const origin = rawInput(clip?.inputs[0] ?? value);
    const kind = graph.inputs.includes(origin) ? 'input' : node && inputAffines.has(node) ? 'affine' : 'island';
    const bounds = clip && boundsOf(clip);
    drafts.push({ value, kind, node: kind === 'input' ? undefined : node, bounds, source: undefined });
  };
  for (const input of graph.inputs) addBoundary(input);
  const merged = new Set<Node>();
  for (const node of graph.nodes) {
    const [result] = node.outputs;
    if (!integer.has(node)) node.outputs.forEach(addBoundary);
    if (!integer.has(node) || merged.has(node) || result === undefined) continue;
    const data = dataInputs(node);
    const { kind } = integerForm(node);
    if (kind === 'layer' || kind === 'pool' || kind === 'add') {
      const clip = soleUser(graph, result);
      const clipped = clip?.op === 'Clip' && integer.has(clip) ? clip : undefined;
      if (clipped !== undefined) merged.add(clipped);
      const value = clipped?.outputs[0] ?? result;
      const bounds = clipped && boundsOf(clipped);
      drafts.push({ value, kind, node, bounds, source: kind === 'add' ? undefined : data[0] });
      if (kind === 'add') for (const operand of data) scales.union(operand, value);
    } else {
      for (const operand of data) scales.union(operand, result);
      for (const operand of data) signs.union(operand, result);
    }
  }
  return { drafts, scales, signs };
}

/** Results of 1×1 convolutions that are read by an addition alone, one for each addition: the one computed last. */
function residualOperands(graph: Graph, { integer }: Domains): ReadonlySet<Value> {
  const order = new Map(graph.nodes.map((node, i) => [node, i]));
  const found = new Set<Value>();
  for (const node of graph.nodes) {
    if (!integer.has(node) || opName(node) !== 'Add' || new Set(dataInputs(node)).size < 2) continue;
    const candidates = dataInputs(node).filter((operand) => isPointwise(graph, operand, node));
    const [last] = candidates.sort((a, b) => positionOf(b, order) - positionOf(a, order));
    if (last !== undefined) found.add(last);
  }
  return found;
}

const positionOf = ({ producer }: Value, order: ReadonlyMap<Node, number>): number =>
  (producer && order.get(producer)) ?? -1;

function isPointwise(graph: Graph, value: Value, reader: Node): boolean {
  const { producer } = value;
  if (producer === undefined || opName(producer) !== 'Conv' || integerForm(producer).kind !== 'layer') return false;
  const kernel = producer.inputs[1]?.constant?.dims.slice(2) ?? [];
  const sum = reader.outputs[0]?.type.shape ?? [];
  return (
    kernel.every((side) => side === 1) &&
    producer.attrs.int('group', 1) === 1 &&
    soleUser(graph, value) === reader &&
    sameShape(value.type.shape, sum)
  );
}

/** Constants that are no numbers have no integers, wherever their node runs; other nodes may have no form in the file. */
function obstaclesOf(graph: Graph, domains: Domains): Obstacle[] {
  return graph.nodes.flatMap((node) => {
    const complaint = brokenConstants(node) ?? unwritableForm(node, domains);
    return complaint === undefined ? [] : [{ node, ...complaint }];
  });
}

/** Bounds of a canonical Clip node. */
export function boundsOf(clip: Node): Bounds | undefined {
  const read = (index: number, open: number): number | undefined => {
    const input = clip.inputs[index];
    if (input === undefined) return open;
    return isConstant(input) ? input.constant.toNumbers()[0] : undefined;
  };
  const min = read(1, -Infinity);
  const max = read(2, Infinity);
  return min === undefined || max === undefined ? undefined : { min, max };
}
