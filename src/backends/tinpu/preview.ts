import { isConstant, mergeOrigins, opName, soleUser, type Graph, type Node, type Value } from '../../ir/graph.js';
import { sizeOf } from '../../ir/shape.js';
import type { IslandSummary, LayerSummary } from '../summary.js';
import type { Target } from '../targets.js';
import { rowSize } from '../work.js';
import { cpuReason } from './cpu-reason.js';
import { groupIslands, summariseIslands } from './islands.js';
import { layerName } from './layer-name.js';
import { convolutionPattern } from './layers.js';
import { MOVING } from './moving.js';
import type { LayerShape } from './placement/layer.js';
import { place } from './placement/place.js';
import type { RuleSet } from './placement/rules.js';
import { LAYOUT_OPERATORS } from './layout-operators.js';
import type { Roles } from './roles.js';
import { rowsPerSample } from './rows.js';
import { constantCost, workOf } from './work.js';

/** Operators that requantise their result, into which a Clip behind them merges. */
const REQUANTISING: ReadonlySet<string> = new Set([
  'Conv',
  'ConvTranspose',
  'Gemm',
  'AveragePool',
  'GlobalAveragePool',
]);

export interface Preview {
  readonly layers: readonly LayerSummary[];
  readonly islands: readonly IslandSummary[];
}

/**
 * The rows that the report on a canonical float graph will have, with what is known before calibration; scales, shifts and
 * accuracy are left open. A node that cannot be lowered is a row on the CPU with the reason.
 */
export function previewLayers(graph: Graph, { points, obstacles }: Roles, target: Target, rules: RuleSet): Preview {
  const rows = rowsPerSample(graph);
  const refused = new Map(obstacles.map((obstacle) => [obstacle.node, obstacle]));
  const affine = new Set(points.filter(({ kind }) => kind === 'affine').map(({ node }) => node));
  const clips = new Map(
    points.flatMap(({ node, value, bounds }) => (bounds && value.producer ? [[value.producer, node]] : [])),
  );
  // Behind an obstacle there are no points, but a Clip still belongs to the layer in front of it.
  for (const node of graph.nodes) {
    const [source] = node.inputs;
    if (node.op !== 'Clip' || source?.producer === undefined || !REQUANTISING.has(opName(source.producer))) continue;
    if (soleUser(graph, source) === node) clips.set(node, source.producer);
  }
  const tailNodes = new Set(points.flatMap(({ kind, node }) => (kind === 'tail' ? (node ?? []) : [])));
  const isInteger = (node: Node): boolean =>
    REQUANTISING.has(opName(node)) || affine.has(node) || clips.has(node) || node.op === 'MaxPool';
  const islands = groupIslands(
    graph,
    (node) => !refused.has(node) && !isInteger(node) && !MOVING.has(node.op),
    (value) => (value.producer === undefined ? undefined : value),
    ({ node }) => isInteger(node),
  ).map((island) => ({
    ...island,
    quantised: new Set([...island.quantised, ...island.nodes.filter((node) => tailNodes.has(node)).flatMap(tailOf)]),
  }));
  const islandOf = new Map(islands.flatMap((island) => island.nodes.map((node) => [node, island] as const)));
  const inputs = points.filter(({ kind }) => kind === 'input').map(({ value }) => quantisingRow(value, value.name));
  const layers = graph.nodes
    .filter((node) => refused.has(node) || (!LAYOUT_OPERATORS.has(node.op) && !clips.has(node)))
    .map((node): LayerSummary => {
      const fused = [...clips].flatMap(([clip, layer]) => (layer === node ? [clip] : []));
      const constants = affine.has(node) ? { weightBits: null, weightCount: 0, bytes: NO_BYTES } : {};
      const row = { ...describe(node, fused, rows), ...constants };
      const obstacle = refused.get(node);
      if (obstacle !== undefined) {
        return { ...row, island: null, pattern: null, placement: 'cpu', reason: obstacle.reason };
      }
      const op = affine.has(node) ? 'quantise' : row.op;
      const island = islandOf.get(node);
      const shape = shapeOf(node, rows);
      const { unit, reason } = place(shape, target, rules, cpuReason(op, island));
      return { ...row, op, island: island?.number ?? null, pattern: shape.pattern ?? null, placement: unit, reason };
    });
  const tails = points.flatMap(({ kind, node, value }) =>
    kind === 'island' ? [quantisingRow(value, node === undefined ? value.name : layerName(node))] : [],
  );
  return { layers: [...inputs, ...layers, ...tails], islands: summariseIslands(islands) };
}

const tailOf = ({ outputs }: Node): readonly Value[] => outputs;

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

function quantisingRow({ type }: Value, name: string): LayerSummary {
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
    operations: rowSize(type.shape),
    island: null,
    weightBits: null,
    weightCount: 0,
    bytes: NO_BYTES,
  };
}

/** What of a row follows from the float nodes alone. */
function describe(
  node: Node,
  fused: readonly Node[],
  rows: ReadonlyMap<Value, number>,
): Omit<LayerSummary, 'placement' | 'reason' | 'pattern' | 'island'> {
  const [output] = node.outputs;
  const shape = output?.type.shape ?? [];
  const requantises = REQUANTISING.has(opName(node));
  const channels = requantises ? channelsOf(output) : 0;
  const rowsOf = (value: Value): number => rows.get(value) ?? 1;
  const work = workOf(node, rowsOf);
  const base = {
    ...OPEN,
    name: layerName(node),
    source: mergeOrigins([node, ...fused]).map(({ name }) => name),
    op: opName(node),
    outputShape: shape,
  };
  if (!requantises) {
    const { bits, count, bytes } = constantCost(node);
    return { ...base, ...work, weightBits: bits, weightCount: count, bytes: { ...NO_BYTES, weights: bytes } };
  }
  const weightCount = weightCountOf(node, channels);
  const weightBits = weightCount === 0 ? null : weightBitsOf(node);
  // The windows of a pool are summed as a depthwise convolution does it.
  const macs = opName(node) === 'AveragePool' ? work.operations : work.macs;
  return {
    ...base,
    macs,
    operations: work.operations,
    weightBits,
    weightCount,
    bytes: {
      weights: Math.ceil((weightCount * (weightBits ?? 0)) / 8),
      bias: channels * (weightBits === 8 ? 3 : 2),
      scale: channels,
      shift: channels,
    },
  };
}

/** A window sum has a 1 for every element of the window of every channel, and a sum over the whole map has no weights. */
function weightCountOf(node: Node, channels: number): number {
  const [, weight] = node.inputs;
  if (opName(node) === 'AveragePool') return channels * sizeOf(node.attrs.ints('kernel_shape', []));
  return weight !== undefined && isConstant(weight) ? weight.constant.size : 0;
}

/** A pool is executed with 2-bit weights (spec 1.3). */
const weightBitsOf = (node: Node): 8 | 2 => (POOLS.has(opName(node)) ? 2 : 8);

const POOLS: ReadonlySet<string> = new Set(['AveragePool', 'GlobalAveragePool']);

function channelsOf(value: Value | undefined): number {
  const dim = value?.type.shape[1];
  return typeof dim === 'number' ? dim : 0;
}

const pair = (values: readonly number[]): readonly [number, number] => [values[0] ?? 1, values[1] ?? 1];

/** The sizes of the layer that a float node will be. */
function shapeOf(node: Node, rows: ReadonlyMap<Value, number>): LayerShape {
  const [x, weight] = node.inputs;
  const sizes: LayerShape = {
    pattern: undefined,
    inputChannels: channelsOf(x),
    outputChannels: channelsOf(node.outputs[0]),
    groups: node.attrs.int('group', 1),
    kernel: pair(node.attrs.ints('kernel_shape', weight?.constant?.dims.slice(2) ?? [])),
    strides: pair(node.attrs.ints('strides', [])),
    dilations: pair(node.attrs.ints('dilations', [])),
    weightBits: weightBitsOf(node),
  };
  switch (opName(node)) {
    case 'Conv':
      return { ...sizes, pattern: convolutionPattern(sizes) };
    case 'ConvTranspose':
      return { ...sizes, pattern: 'TCONV' };
    case 'Gemm':
      return { ...sizes, pattern: 'FC', rows: (x && rows.get(x)) ?? 1 };
    case 'GlobalAveragePool': {
      const sides = x?.type.shape.slice(2).filter((side) => typeof side === 'number') ?? [];
      return { ...sizes, pattern: 'AVGPOOL', area: sizeOf(sides) };
    }
    case 'AveragePool':
      // A pool that is not global is executed as a depthwise convolution (spec 1.3).
      return { ...sizes, pattern: 'DWCONV', groups: sizes.inputChannels };
    case 'MaxPool':
      return { ...sizes, pattern: 'MAXPOOL' };
    default:
      return sizes;
  }
}
