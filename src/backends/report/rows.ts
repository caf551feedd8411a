import { isConstant, type Graph, type Value } from '../../ir/graph.js';
import { LAYOUT_OPERATORS } from '../split/layout-operators.js';

/**
 * How many indices along axis 0 belong to one sample: more than 1 where a layout has merged other axes of a sample into
 * the batch. Graph inputs have the batch at axis 0, and operators other than layouts keep axis 0. Unknown sizes count as 1.
 */
export function rowsPerSample(graph: Graph): ReadonlyMap<Value, number> {
  const rows = new Map<Value, number>(graph.inputs.map((input) => [input, 1]));
  for (const node of graph.nodes) {
    const source = node.inputs.find((input) => input !== undefined && !isConstant(input));
    if (source === undefined) continue;
    const before = rows.get(source) ?? 1;
    for (const output of node.outputs) {
      const ratio = LAYOUT_OPERATORS.has(node.op) ? rowElements(source) / rowElements(output) : 1;
      rows.set(output, Number.isInteger(before * ratio) ? before * ratio : 1);
    }
  }
  return rows;
}

/** Elements behind axis 0; a size of 0 counts as 1. */
const rowElements = ({ type: { shape } }: Value): number =>
  shape.slice(1).reduce((product: number, dim) => product * (typeof dim === 'number' ? Math.max(dim, 1) : 1), 1);
