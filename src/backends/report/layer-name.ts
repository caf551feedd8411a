import type { Node, Origin } from '../../ir/graph.js';

/** Source operators that give a layer its name, against the ones fused into it. */
const NAMING_OPERATORS: ReadonlySet<string> = new Set([
  'Conv',
  'Gemm',
  'MatMul',
  'QLinearConv',
  'QLinearMatMul',
  'ConvInteger',
  'MatMulInteger',
  'MaxPool',
  'AveragePool',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'ReduceMean',
  'ReduceSum',
]);

/** Whether an operator that computes is among the sources of a node. */
export const isNamed = ({ origins }: Pick<Node, 'origins'>): boolean =>
  origins.some(({ op }) => NAMING_OPERATORS.has(op));

/** The source node that a fused layer is called after: the one that computes, else the first. */
export function leadingOrigin({ origins }: Pick<Node, 'origins'>): Origin | undefined {
  return origins.find(({ op }) => NAMING_OPERATORS.has(op)) ?? origins[0];
}

/** What reports and emitted nodes call a layer. */
export function layerName(node: Node): string {
  const name = leadingOrigin(node)?.name ?? node.name;
  return name === '' ? (node.outputs[0]?.name ?? node.op) : name;
}

/** The names of the layers among points of quantisation. */
export const layerNames = (points: readonly { readonly kind: string; readonly node?: Node | undefined }[]): string[] =>
  points.flatMap(({ kind, node }) => (kind === 'layer' && node !== undefined ? [layerName(node)] : []));

/** What emission appends to the name of a layer for the nodes that it writes for it. */
const EMITTED_SUFFIX = /\/(?:Conv|ConvTranspose|MatMul|ReduceSum|quantize\/Floor)$/;

/** The name that a layer had before quantc wrote it, from that of a node it has written. */
export const sourceName = (name: string): string => name.replace(EMITTED_SUFFIX, '');
