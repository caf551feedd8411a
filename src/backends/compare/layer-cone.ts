import { isConstant, mergeOrigins, type Graph, type Node, type Origin, type Value } from '../../ir/graph.js';
import { layerName } from '../report/layer-name.js';
import { isMover } from '../split/movers.js';
import type { TensorPair } from './pair-tensors.js';

/** What computes a paired tensor from the paired tensors before it. */
export interface LayerCone {
  readonly pair: TensorPair;
  /** What reports call it. */
  readonly name: string;
  /** Names of the nodes, in the float model. */
  readonly source: readonly string[];
  /** Paired tensors and graph inputs that it reads; empty for a graph input, which is only quantised. */
  readonly frontier: readonly Value[];
  /** The nodes from the frontier to the tensor, as a graph of their own; undefined for a graph input. */
  readonly graph: Graph | undefined;
}

/**
 * The layers of a float graph as the pairs cut it: each paired tensor with the nodes between it and the paired tensors it
 * depends on. Layers that only move elements are left out: they add no error.
 */
export function layerCones(graph: Graph, pairs: readonly TensorPair[]): LayerCone[] {
  const paired = new Set(pairs.map(({ real }) => real));
  return pairs.flatMap((pair): LayerCone[] => {
    const { real } = pair;
    if (real.producer === undefined) {
      return [{ pair, name: real.name, source: [], frontier: [], graph: undefined }];
    }
    const { nodes, frontier } = coneOf(graph, real, paired);
    if (nodes.every(isMover)) return [];
    const origins = mergeOrigins(nodes);
    return [
      {
        pair,
        name: layerName({ ...real.producer, origins: pair.weights === undefined ? origins : weighted(origins) }),
        source: origins.map(({ name }) => name),
        frontier,
        graph: { name: graph.name, inputs: frontier, outputs: [{ name: real.name, value: real }], nodes },
      },
    ];
  });
}

function coneOf(
  graph: Graph,
  real: Value,
  paired: ReadonlySet<Value>,
): { readonly nodes: readonly Node[]; readonly frontier: readonly Value[] } {
  const inside = new Set<Node>();
  const frontier = new Set<Value>();
  const open: Value[] = [real];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const { producer } = value;
    if (isConstant(value)) continue;
    if (producer === undefined || (value !== real && paired.has(value))) {
      frontier.add(value);
      continue;
    }
    if (inside.has(producer)) continue;
    inside.add(producer);
    for (const input of producer.inputs) if (input !== undefined) open.push(input);
  }
  return { nodes: graph.nodes.filter((node) => inside.has(node)), frontier: [...frontier] };
}

/** Of the source nodes of a layer with weights, those that have them, where any is known. */
function weighted(origins: readonly Origin[]): readonly Origin[] {
  const layers = origins.filter(({ op }) => WEIGHTED.has(op));
  return layers.length === 0 ? origins : layers;
}

const WEIGHTED: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
