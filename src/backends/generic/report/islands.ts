import { opName, type Value } from '../../../ir/graph.js';
import { groupIslands, type Island } from '../../report/islands.js';
import type { QuantisedGraph } from '../quantise-graph.js';

const QUANTISATION: ReadonlySet<string> = new Set(['QuantizeLinear', 'DequantizeLinear']);

/** The islands of a quantised graph: operators on real numbers between dequantisations and quantisations. */
export function islandsOf({ graph, tensors, integer, clips }: QuantisedGraph): Island[] {
  const integers = new Set(tensors.map(({ value }) => value));
  return groupIslands(
    graph,
    (node) => !QUANTISATION.has(opName(node)) && !integer.has(node) && !clips.has(node),
    ({ producer }: Value) => {
      const source = producer !== undefined && opName(producer) === 'DequantizeLinear' ? producer.inputs[0] : undefined;
      return source !== undefined && integers.has(source) ? source : undefined;
    },
    ({ uses }) => [...uses].some(({ node }) => opName(node) === 'QuantizeLinear' || clips.has(node)),
  );
}
