import { opName, type Graph } from '../ir/graph.js';

const QUANTISING_OPERATORS: ReadonlySet<string> = new Set([
  'QuantizeLinear',
  'DequantizeLinear',
  'DynamicQuantizeLinear',
  'QLinearConv',
  'QLinearMatMul',
  'ConvInteger',
  'MatMulInteger',
]);

/** Whether a graph as imported is that of a model that was quantised before. */
export const isQuantisedModel = ({ nodes }: Graph): boolean =>
  nodes.some((node) => QUANTISING_OPERATORS.has(opName(node)));
