import { cloneGraph } from '../../../ir/clone.js';
import { InternalError } from '../../../ir/diagnostics.js';
import { GraphEditor } from '../../../ir/editor.js';
import type { Graph, Quantisation, Value } from '../../../ir/graph.js';
import { printGraph } from '../../../ir/text/print.js';
import { verifyGraph } from '../../../ir/verify.js';
import { runPipeline, type PassContext } from '../../../passes/pass.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../dialect.js';
import { insertQuantisation } from '../insert-quantisation.js';
import type { Recipe } from '../recipes/recipe.js';
import type { QuantisationPoint } from '../roles.js';
import { lowering } from './pipeline.js';

/** Float operators that lowering consumes entirely. */
const UNLOWERED: ReadonlySet<string> = new Set([
  'Conv',
  'Gemm',
  'MatMul',
  'AveragePool',
  'GlobalAveragePool',
  'BatchNormalization',
  'Clip',
]);

/**
 * Lowers a canonical float graph: integers for every tensor that has a scale, all layers in between in the arithmetic of
 * spec 1. The float graph stays as it is.
 * @throws InternalError when something is left in float that should not be.
 */
export function lowerGraph(
  float: Graph,
  scales: ReadonlyMap<QuantisationPoint, Quantisation>,
  recipe: Recipe,
  output: 'int' | 'float',
  context: Pick<PassContext, 'trace' | 'verify' | 'report'>,
): Graph {
  const { graph, values } = cloneGraph(float);
  const editor = new GraphEditor(graph);
  const grids = new Map<Value, Quantisation>();
  for (const [{ value }, grid] of scales) {
    const own = values.get(value);
    if (own !== undefined) grids.set(own, grid);
  }
  insertQuantisation(editor, grids);
  runPipeline(editor, lowering(recipe, output), { ...context, operators: TINPU_OPERATORS, kernels: TINPU_KERNELS });
  const [violation] = verifyGraph(graph, TINPU_OPERATORS);
  const unlowered = graph.nodes.find(({ domain, op }) => domain === 'q' && op === 'Quantize');
  const unlowerable = graph.nodes.find((node) => node.domain === '' && UNLOWERED.has(node.op));
  if (violation !== undefined || unlowered !== undefined || unlowerable !== undefined) {
    const what = violation?.message ?? `${(unlowered ?? unlowerable)?.op ?? 'a node'} was left in float`;
    throw new InternalError(`lowering is incomplete: ${what}`, { graph: printGraph(graph) });
  }
  return graph;
}
