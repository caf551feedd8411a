import { isFloat } from '../../ir/dtype.js';
import { isConstant, type Graph, type Node, type Value } from '../../ir/graph.js';
import type { IslandSummary } from '../summary.js';
import { MOVING } from './moving.js';

/** Float operators on the CPU that pass real numbers to one another (T20). */
export interface Island {
  /** From 1, in order of the first operator. */
  readonly number: number;
  /** Without those that only move elements. */
  readonly nodes: readonly Node[];
  /** Tensors that are dequantised for it, and results of it that are quantised. */
  readonly dequantised: ReadonlySet<Value>;
  readonly quantised: ReadonlySet<Value>;
}

/** Why an operator of an island is where it is. */
export function islandReason({ dequantised, quantised }: Pick<Island, 'dequantised' | 'quantised'>): string {
  const reads = dequantised.size > 0;
  const writes = quantised.size > 0;
  const place =
    reads && writes
      ? ' between a dequantise and a quantise'
      : reads
        ? ' behind a dequantise'
        : writes
          ? ' in front of a quantise'
          : '';
  return `float operator, runs on the CPU${place}`;
}

/**
 * Connected float operators. Operators that only move elements hold an island together and make none.
 * @param isOutside whether a node computes on real numbers
 * @param dequantisedOf the tensor that is dequantised where a float operator reads a value; undefined where none is
 * @param isQuantised whether a result is turned into integers
 */
export function groupIslands(
  graph: Graph,
  isOutside: (node: Node) => boolean,
  dequantisedOf: (value: Value) => Value | undefined,
  isQuantised: (value: Value) => boolean,
): Island[] {
  const groups = connected(graph.nodes.filter(isOutside));
  const layers = groups.map((group) => ({ group, nodes: group.filter(({ op }) => !MOVING.has(op)) }));
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  const first = ({ nodes: [node] }: { readonly nodes: readonly Node[] }): number => (node && position.get(node)) ?? 0;
  return layers
    .filter(({ group, nodes }) => nodes.length > 0 && group.some(computesReals))
    .sort((a, b) => first(a) - first(b))
    .map(({ group, nodes }, i) => ({
      number: i + 1,
      nodes,
      dequantised: new Set(group.flatMap(({ inputs }) => inputs.flatMap((v) => (v && dequantisedOf(v)) ?? []))),
      quantised: new Set(group.flatMap(({ outputs }) => outputs).filter(isQuantised)),
    }));
}

/** Nodes in topological order, grouped by the tensors they pass to one another; each group in that order again. */
function connected(nodes: readonly Node[]): (readonly Node[])[] {
  const label = new Map<Node, Node>(nodes.map((node) => [node, node]));
  const rootOf = (node: Node): Node => {
    let root = node;
    for (let next = label.get(root); next !== undefined && next !== root; next = label.get(root)) root = next;
    return root;
  };
  for (const node of nodes) {
    for (const input of node.inputs) {
      if (input?.producer !== undefined && label.has(input.producer)) label.set(rootOf(input.producer), rootOf(node));
    }
  }
  const groups = new Map<Node, Node[]>();
  for (const node of nodes) {
    const root = rootOf(node);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [node]);
    else group.push(node);
  }
  return [...groups.values()];
}

const computesReals = ({ inputs, outputs }: Node): boolean =>
  [...inputs, ...outputs].some((value) => value !== undefined && !isConstant(value) && isFloat(value.type.dtype));

/** What the report says of islands; a tensor that two of them read is a boundary of each. */
export const summariseIslands = (islands: readonly Island[]): IslandSummary[] =>
  islands.map(({ number, nodes, dequantised, quantised }) => ({
    number,
    operators: nodes.map(({ op }) => op),
    boundaries: dequantised.size + quantised.size,
  }));
