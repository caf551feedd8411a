import { opName, soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { boundsOf, type Bounds } from '../../../passes/bounds.js';
import { DisjointSets } from '../../../passes/disjoint-sets.js';
import type { Bits } from '../../quantisation.js';
import { cutDomains } from '../../split/cut-domains.js';
import { dataInputs } from '../../split/data-inputs.js';
import { Widths, type WidthOptions } from '../../split/widths.js';
import { genericForm } from './generic-form.js';

/** A tensor that becomes integers by a quantisation of its own. */
export interface Point {
  /** The float tensor whose range is observed. */
  readonly value: Value;
  /** `input`: a graph input. `island`: the result of an operator on real numbers. Else the form of the node. */
  readonly kind: 'input' | 'island' | 'layer' | 'arithmetic' | 'join';
  /** What computes the tensor, without the Clip that may follow it; undefined for an input. */
  readonly node: Node | undefined;
  /** The Clip whose result the tensor is, and its bounds. */
  readonly clip: Node | undefined;
  readonly bounds: Bounds | undefined;
  /** Width of the weights of a layer. */
  readonly weightBits: Bits;
}

/** Points of one grid: where movers or joins pass elements of one on to the other. In topological order. */
export interface GridGroup {
  readonly points: readonly Point[];
  /** Width of the integers: the widest that is asked for. */
  readonly bits: Bits;
}

export interface SplitOptions extends WidthOptions {
  /** What graph outputs deliver, real numbers. */
  readonly output?: 'int' | 'float' | undefined;
}

/** Which tensors of a canonical float graph become integers (spec 3.4). */
export interface Split {
  /** Nodes that compute between quantised tensors. */
  readonly integer: ReadonlySet<Node>;
  /** In topological order. */
  readonly points: readonly Point[];
  /** The group of every quantised tensor, results of movers among them, in topological order. */
  readonly groupOf: ReadonlyMap<Value, GridGroup>;
  /** Names in `layerBits` that no layer bears. */
  readonly unknownLayers: readonly string[];
}

/**
 * Splits a graph between quantised tensors and islands of float by a minimum cut. A Clip behind a layer or arithmetic that
 * nothing else reads belongs to it; any other one would rather be float, and else passes elements on like a mover.
 */
export function splitGraph(graph: Graph, { output = 'float', ...widthOptions }: SplitOptions = {}): Split {
  const integer = cutDomains(graph, {
    formOf: (node) => {
      const { kind } = genericForm(node);
      if (kind === 'layer') return 'integer';
      if (kind === 'float') return 'float';
      return kind === 'clip' && boundedBy(graph, node) === undefined ? 'rather-float' : 'rather-integer';
    },
    integerOutputs: output === 'int',
  });
  const widths = new Widths(widthOptions);
  const shared = new DisjointSets<Value>();
  const drafts = draftPoints(graph, integer, output, shared);
  const bits = drafts.map(({ node, value }) => widths.of(node, value));
  const groups = new Map<Value, { points: Point[]; bits: Bits }>();
  const points = drafts.map((draft, i): Point => {
    const point = { ...draft, weightBits: bits[i]?.weights ?? 8 };
    const root = shared.find(draft.value);
    const group = groups.get(root) ?? { points: [], bits: 2 };
    group.points.push(point);
    group.bits = Math.max(group.bits, bits[i]?.activations ?? 8) as Bits;
    groups.set(root, group);
    return point;
  });
  const own = new Set(points.map(({ value }) => value));
  const values = [...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)];
  const groupOf = new Map<Value, GridGroup>();
  for (const value of values) {
    const group = own.has(value) || isPassedOn(value, integer) ? groups.get(shared.find(value)) : undefined;
    if (group !== undefined) groupOf.set(value, group);
  }
  return { integer, points, groupOf, unknownLayers: widths.unknown };
}

/** The node whose result a Clip bounds for it alone. */
function boundedBy(graph: Graph, clip: Node): Node | undefined {
  const [source] = clip.inputs;
  if (source?.producer === undefined || soleUser(graph, source) !== clip) return undefined;
  const { kind } = genericForm(source.producer);
  return kind === 'layer' || kind === 'arithmetic' ? source.producer : undefined;
}

/** Whether a value is what a mover or a loose Clip between quantised tensors gives. */
function isPassedOn({ producer }: Value, integer: ReadonlySet<Node>): boolean {
  if (producer === undefined || !integer.has(producer)) return false;
  const { kind } = genericForm(producer);
  return kind === 'mover' || kind === 'clip';
}

function draftPoints(
  graph: Graph,
  integer: ReadonlySet<Node>,
  output: 'int' | 'float',
  shared: DisjointSets<Value>,
): Omit<Point, 'weightBits'>[] {
  const drafts: Omit<Point, 'weightBits'>[] = [];
  const delivered = new Set(output === 'int' ? graph.outputs.map(({ value }) => value) : []);
  const isRead = (value: Value): boolean =>
    value.type.dtype === 'float32' &&
    ((delivered.has(value) && value.producer !== undefined) ||
      [...value.uses].some(({ node }) => integer.has(node) && dataInputs(node).includes(value)));
  const draft = (value: Value, kind: Point['kind'], node: Node | undefined, clip: Node | undefined): void => {
    drafts.push({ value, kind, node, clip, bounds: clip && boundsOf(clip) });
  };
  for (const input of graph.inputs) if (isRead(input)) draft(input, 'input', undefined, undefined);
  const merged = new Set<Node>();
  for (const node of graph.nodes) {
    const [result] = node.outputs;
    if (!integer.has(node)) {
      const clip = opName(node) === 'Clip' ? node : undefined;
      for (const value of node.outputs) if (isRead(value)) draft(value, 'island', node, clip);
    }
    if (!integer.has(node) || merged.has(node) || result === undefined) continue;
    const { kind } = genericForm(node);
    if (kind === 'layer' || kind === 'arithmetic') {
      const user = soleUser(graph, result);
      const clip = user !== undefined && integer.has(user) && opName(user) === 'Clip' ? user : undefined;
      if (clip !== undefined) merged.add(clip);
      draft(clip?.outputs[0] ?? result, kind, node, clip);
    } else if (kind === 'join') {
      draft(result, 'join', node, undefined);
      for (const operand of dataInputs(node)) if (isReadAlone(graph, operand, node)) shared.union(operand, result);
    } else for (const operand of dataInputs(node)) shared.union(operand, result);
  }
  return drafts;
}

/** Whether a value, and what it is moved from, reach nothing but one node, so that they can have its grid. */
function isReadAlone(graph: Graph, value: Value, reader: Node): boolean {
  let user = reader;
  for (let current: Value | undefined = value; current !== undefined;) {
    const { producer }: Value = current;
    if (producer === undefined || soleUser(graph, current) !== user) return false;
    const { kind } = genericForm(producer);
    if (kind !== 'mover' && kind !== 'clip') return true;
    user = producer;
    current = dataInputs(producer)[0];
  }
  return true;
}
