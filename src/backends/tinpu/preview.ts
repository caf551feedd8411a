import { isConstant, mergeOrigins, opName, soleUser, type Graph, type Node, type Value } from '../../ir/graph.js';
import { sizeOf } from '../../ir/shape.js';
import type { LayerSummary } from '../summary.js';
import type { Target } from '../targets.js';
import { layerName } from './layer-name.js';
import { shapeOf } from './layers.js';
import { place } from './placement/place.js';
import type { RuleSet } from './placement/rules.js';
import { LAYOUT_OPERATORS, type Roles } from './roles.js';

/** What lowering makes of float operators, as far as it makes layers of them. */
const FORMS: ReadonlyMap<string, string> = new Map([
  ['Conv', 'q.Conv'],
  ['Gemm', 'q.MatMul'],
  ['AveragePool', 'q.WindowSum'],
  ['GlobalAveragePool', 'q.GlobalSum'],
]);

/**
 * The rows that the report on a canonical float graph will have, with what is known before calibration; scales, shifts and
 * accuracy are left open. A node that cannot be lowered is a row on the CPU with the reason.
 */
export function previewLayers(
  graph: Graph,
  { points, obstacles }: Roles,
  target: Target,
  rules: RuleSet,
): LayerSummary[] {
  const refused = new Map(obstacles.map((obstacle) => [obstacle.node, obstacle]));
  const affine = new Set(points.filter(({ kind }) => kind === 'affine').map(({ node }) => node));
  const clips = new Map(
    points.flatMap(({ node, value, bounds }) => (bounds && value.producer ? [[value.producer, node]] : [])),
  );
  // Behind an obstacle there are no points, but a Clip still belongs to the layer in front of it.
  for (const node of graph.nodes) {
    const layer = node.inputs[0]?.producer;
    if (node.op !== 'Clip' || layer === undefined || !FORMS.has(opName(layer))) continue;
    if (layer.outputs.some((output) => soleUser(graph, output) === node)) clips.set(node, layer);
  }
  const inputs = points.filter(({ kind }) => kind === 'input').map(({ value }) => quantisingRow(value));
  const layers = graph.nodes
    .filter((node) => refused.has(node) || (!LAYOUT_OPERATORS.has(node.op) && !clips.has(node)))
    .map((node): LayerSummary => {
      const fused = [...clips].flatMap(([clip, layer]) => (layer === node ? [clip] : []));
      const row = describe(node, fused);
      const obstacle = refused.get(node);
      if (obstacle !== undefined) return { ...row, pattern: null, placement: 'cpu', reason: obstacle.reason };
      const op = affine.has(node) ? 'quantise' : row.op;
      const shape = shapeOf(node, FORMS.get(opName(node)));
      const { unit, reason } = place(shape, target, rules, op);
      return { ...row, op, pattern: shape.pattern ?? null, placement: unit, reason };
    });
  return [...inputs, ...layers];
}

const OPEN = {
  weightScale: [],
  inputScale: null,
  outputScale: null,
  shift: [],
  accumulator: null,
  bound: null,
  exactInFloat32: null,
  sqnrDb: null,
} as const;

const NO_BYTES: LayerSummary['bytes'] = { weights: 0, bias: 0, scale: 0, shift: 0 };

function quantisingRow({ name, type }: Value): LayerSummary {
  return {
    ...OPEN,
    name,
    source: [],
    op: 'quantise',
    pattern: null,
    placement: 'cpu',
    reason: 'quantise runs on the CPU',
    outputShape: type.shape,
    macs: 0,
    weightBits: null,
    weightCount: 0,
    bytes: NO_BYTES,
  };
}

/** What of a row follows from the float nodes alone. */
function describe(node: Node, fused: readonly Node[]): Omit<LayerSummary, 'placement' | 'reason' | 'pattern'> {
  const [output] = node.outputs;
  const shape = output?.type.shape ?? [];
  const form = FORMS.get(opName(node));
  const weight = form === undefined ? undefined : node.inputs[1];
  const weightCount = weight !== undefined && isConstant(weight) ? weight.constant.size : 0;
  const channels = form !== undefined && typeof shape[1] === 'number' ? shape[1] : 0;
  const elements = sizeOf(shape.slice(1).map((dim) => (typeof dim === 'number' ? dim : 1)));
  return {
    ...OPEN,
    name: layerName(node),
    source: mergeOrigins([node, ...fused]).map(({ name }) => name),
    op: opName(node),
    outputShape: shape,
    macs: channels === 0 ? 0 : (elements * weightCount) / channels,
    weightBits: weightCount === 0 ? null : 8,
    weightCount,
    bytes:
      form === undefined
        ? NO_BYTES
        : { weights: weightCount, bias: channels * (weightCount === 0 ? 2 : 3), scale: channels, shift: channels },
  };
}
