import { bitsOf, isSigned } from '../../ir/dtype.js';
import { constantsOf, opName, type Graph, type ValueType } from '../../ir/graph.js';
import type { Shape } from '../../ir/shape.js';
import { macsOf } from '../../backends/work.js';

/** What there is to count in a graph. */
export interface GraphFacts {
  readonly nodes: number;
  /** Most frequent first. */
  readonly operators: readonly { readonly op: string; readonly count: number }[];
  /** Elements of the constants that are no shape arithmetic, and their bytes. */
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Multiply-accumulates for one sample; unknown sizes count as 1. */
  readonly macs: number;
}

export function countGraph(graph: Graph): GraphFacts {
  const counts = new Map<string, number>();
  for (const node of graph.nodes) counts.set(opName(node), (counts.get(opName(node)) ?? 0) + 1);
  const parameters = constantsOf(graph).filter(({ type }) => type.dtype !== 'int64' && type.dtype !== 'bool');
  return {
    nodes: graph.nodes.length,
    operators: [...counts].map(([op, count]) => ({ op, count })).sort((a, b) => b.count - a.count),
    parameters: parameters.reduce((sum, { constant }) => sum + constant.size, 0),
    parameterBytes: parameters.reduce(
      (sum, { constant, type }) => sum + Math.ceil((constant.size * bitsOf(type.dtype)) / 8),
      0,
    ),
    macs: graph.nodes.reduce((sum, node) => sum + macsOf(node), 0),
  };
}

/** An input or output of a model: its element type, and integers of it stand for scale × integer. */
export interface InterfaceTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: number;
  readonly signed: boolean;
}

export const interfaceTensor = (name: string, { dtype, shape, quantisation }: ValueType): InterfaceTensor => ({
  name,
  dtype,
  shape,
  scale: quantisation?.scale ?? 1,
  zeroPoint: 0,
  bits: quantisation?.bits ?? bitsOf(dtype),
  signed: quantisation?.signed ?? isSigned(dtype),
});
