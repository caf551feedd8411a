import type { Node, Origin } from '../../ir/graph.js';

/** Source operators that give a layer its name, against the ones fused into it. */
const NAMING_OPERATORS: ReadonlySet<string> = new Set([
  'Conv',
  'Gemm',
  'MatMul',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'ReduceMean',
  'ReduceSum',
]);

/** The source node that a fused layer is called after: the one that computes, else the first. */
export function leadingOrigin({ origins }: Pick<Node, 'origins'>): Origin | undefined {
  return origins.find(({ op }) => NAMING_OPERATORS.has(op)) ?? origins[0];
}

/** What reports and emitted nodes call a layer. */
export function layerName(node: Node): string {
  const name = leadingOrigin(node)?.name ?? node.name;
  return name === '' ? (node.outputs[0]?.name ?? node.op) : name;
}
