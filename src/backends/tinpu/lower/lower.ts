import { cloneGraph } from '../../../ir/clone.js';
import { InternalError } from '../../../ir/diagnostics.js';
import { GraphEditor } from '../../../ir/editor.js';
import type { Graph, Node, Quantisation, Value } from '../../../ir/graph.js';
import { printGraph } from '../../../ir/text/print.js';
import { verifyGraph } from '../../../ir/verify.js';
import { runPipeline, type PassContext } from '../../../passes/pass.js';
import type { Bits } from '../../quantisation.js';
import { activationRange } from '../arithmetic/accumulators.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../dialect.js';
import { insertQuantisation } from './insert-quantisation.js';
import type { Recipe } from '../recipes/recipe.js';
import type { QuantisationPoint, Roles } from '../split/roles.js';
import { reportMoves } from '../weights/report-moves.js';
import { isFoldedConv, weightsOf } from '../../weights/weights-of.js';
import type { QuantiseLayer } from './lower-layer.js';
import { lowering } from './pipeline.js';

/** What lowering is told beside the graph. */
export interface LoweringPlan {
  readonly domains: Roles['domains'];
  readonly scales: ReadonlyMap<QuantisationPoint, Quantisation>;
  readonly recipe: Recipe;
  readonly output: 'int' | 'float';
}

/**
 * Lowers a canonical float graph: integers for every tensor that has a scale, all layers in between in the arithmetic of
 * spec 1, islands of float where the domains say so. The float graph stays as it is.
 * @throws InternalError when something is left in float that should not be.
 */
export function lowerGraph(
  float: Graph,
  { domains, scales, recipe, output }: LoweringPlan,
  context: Pick<PassContext, 'trace' | 'verify' | 'report'>,
): Graph {
  const { graph, values } = cloneGraph(float);
  const editor = new GraphEditor(graph);
  const copyOf = (node: Node): Node | undefined => node.outputs[0] && values.get(node.outputs[0])?.producer;
  const integer = new Set([...domains.integer].flatMap((node) => copyOf(node) ?? []));
  const grids = new Map<Value, Quantisation>();
  const weightBits = new Map<Node | undefined, Bits>();
  for (const [point, grid] of scales) {
    const own = values.get(point.value);
    if (own !== undefined) grids.set(own, grid);
    if (point.kind === 'layer' && point.node !== undefined) weightBits.set(copyOf(point.node), point.weightBits);
  }
  insertQuantisation(editor, grids, { integer, quantisedOutputs: output === 'int' });
  const quantiseLayer: QuantiseLayer = (layer, x, { input, output: outputScale }) => {
    const bits = weightBits.get(layer) ?? 8;
    const constants = recipe.layer({
      ...weightsOf(layer),
      inputScale: input,
      outputScale,
      inputRange: activationRange(x),
      bits,
      foldedBatchnorm: isFoldedConv(layer),
    });
    if (!recipe.refines(bits)) reportMoves(layer, constants, context.report);
    return { constants, weightType: `int${bits}` };
  };
  const pipeline = lowering(recipe, { quantiseLayer, isInteger: (node) => integer.has(node), output });
  runPipeline(editor, pipeline, { ...context, operators: TINPU_OPERATORS, kernels: TINPU_KERNELS });
  const [violation] = verifyGraph(graph, TINPU_OPERATORS);
  const unlowered = graph.nodes.find(
    (node) => (node.domain === 'q' && node.op === 'Quantize') || (integer.has(node) && dequantised(node)),
  );
  if (violation !== undefined || unlowered !== undefined) {
    const what = violation?.message ?? `${unlowered?.op ?? 'a node'} '${unlowered?.name ?? ''}' was left in float`;
    throw new InternalError(`lowering is incomplete: ${what}`, { graph: printGraph(graph) });
  }
  return graph;
}

/** Whether a node reads integers as real numbers. */
const dequantised = ({ inputs }: Node): boolean =>
  inputs.some((input) => input?.producer?.domain === 'q' && input.producer.op === 'Dequantize');
