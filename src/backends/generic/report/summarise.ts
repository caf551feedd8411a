import { bitsOf } from '../../../ir/dtype.js';
import { mergeOrigins, opName, soleUser, type Graph, type Node, type Value } from '../../../ir/graph.js';
import { islandReason } from '../../report/islands.js';
import { layerName } from '../../report/layer-name.js';
import type { TensorAgreement } from '../../report/measure.js';
import { MOVING } from '../../report/moving.js';
import { rowsPerSample } from '../../report/rows.js';
import { constantCost, workOf } from '../../report/work.js';
import type { LayerSummary, Summary, TensorSummary } from '../../summary.js';
import type { GridPlan } from '../grids/observe.js';
import type { Grid } from '../grids/grid.js';
import type { QuantisedGraph, QuantisedLayer } from '../quantise-graph.js';
import { islandsOf } from './islands.js';
import type { Split } from '../split/points.js';

type Agreements = ReadonlyMap<string, TensorAgreement>;

/** Nodes that are no layer of their own. */
const SILENT: ReadonlySet<string> = new Set([...MOVING, 'QuantizeLinear', 'DequantizeLinear']);

/** Rows of the layer table in order of execution; all of them run on the CPU. */
export function summariseLayers(quantised: QuantisedGraph, agreements: Agreements): LayerSummary[] {
  const { graph, layers, clips } = quantised;
  const rows = rowsPerSample(graph);
  const byNode = new Map(layers.map((layer) => [layer.node, layer]));
  const grids = new Map(quantised.tensors.map(({ value, grid }) => [value, grid]));
  const islands = new Map(
    islandsOf(quantised).flatMap((island) => island.nodes.map((node) => [node, island] as const)),
  );
  return graph.nodes.flatMap((node): LayerSummary[] => {
    const [output] = node.outputs;
    if (SILENT.has(opName(node)) || clips.has(node) || output === undefined) return [];
    const layer = byNode.get(node);
    const written = quantisedOf(graph, output, clips);
    const input = node.inputs.flatMap((value) => (value && gridBehind(value, grids)) ?? [])[0];
    const target = written && grids.get(written);
    const agreement = agreementOf(written ?? output, agreements);
    const island = islands.get(node);
    return [
      {
        name: layerName(node) || output.name,
        source: mergeOrigins([node]).map(({ name }) => name),
        op: opName(node),
        pattern: null,
        placement: 'cpu',
        reason: island === undefined ? `${opName(node)} runs on the CPU` : islandReason(island),
        outputShape: output.type.shape,
        ...workOf(node, (value) => rows.get(value) ?? 1),
        island: island?.number ?? null,
        ...costOf(node, layer),
        weightScale: layer === undefined ? [] : Array.from(layer.weightScale.constant.data as Float32Array),
        inputScale: input?.scale ?? null,
        inputZeroPoint: input?.zeroPoint ?? null,
        outputScale: target?.scale ?? null,
        outputZeroPoint: target?.zeroPoint ?? null,
        shift: [],
        accumulator: null,
        bound: null,
        exactInFloat32: null,
        sqnrDb: agreement !== undefined && Number.isFinite(agreement.sqnrDb) ? agreement.sqnrDb : null,
      },
    ];
  });
}

/** The grid of a tensor that is read dequantised. */
function gridBehind({ producer }: Value, grids: ReadonlyMap<Value, Grid>): Grid | undefined {
  const integers = producer !== undefined && opName(producer) === 'DequantizeLinear' ? producer.inputs[0] : undefined;
  return integers && grids.get(integers);
}

/** The integers that a tensor alone becomes, through the Clips that bound it. */
function quantisedOf(graph: Graph, value: Value, clips: ReadonlySet<Node>): Value | undefined {
  let user = soleUser(graph, value);
  while (user !== undefined && clips.has(user)) user = user.outputs[0] && soleUser(graph, user.outputs[0]);
  return user !== undefined && opName(user) === 'QuantizeLinear' ? user.outputs[0] : undefined;
}

/** Of the integers themselves, or of the real numbers they are turned into at an output. */
function agreementOf({ name, uses }: Value, agreements: Agreements): TensorAgreement | undefined {
  const reals = [...uses].flatMap(({ node }) => (opName(node) === 'DequantizeLinear' ? node.outputs : []));
  return [name, ...reals.map((value) => value.name)].flatMap((label) => agreements.get(label) ?? [])[0];
}

/** Biases are stored in four bytes, as are the scales of weights. */
function costOf(
  node: Node,
  layer: QuantisedLayer | undefined,
): Pick<LayerSummary, 'weightBits' | 'weightCount' | 'bytes'> {
  if (layer === undefined) {
    const { bits, count, bytes } = constantCost(node);
    return { weightBits: bits, weightCount: count, bytes: { weights: bytes, bias: 0, scale: 0, shift: 0 } };
  }
  const { weights, bias, weightScale, bits } = layer;
  const weightCount = weights.constant.size;
  return {
    weightBits: bits,
    weightCount,
    bytes: {
      weights: Math.ceil((weightCount * bitsOf(weights.type.dtype)) / 8),
      bias: (bias?.constant.size ?? 0) * 4,
      scale: weightScale.constant.size * 4,
      shift: 0,
    },
  };
}

/** An input or output as the application sees it, with the integers it becomes or is made from; else 32 bits and scale 1. */
export function summariseTensor(
  name: string,
  value: Value,
  { tensors }: Pick<QuantisedGraph, 'tensors'>,
): TensorSummary {
  const own = tensors.find(({ source, value: integers }) => source === value || integers === value);
  const { shape } = value.type;
  if (own === undefined) return { name, shape, scale: 1, zeroPoint: 0, bits: 32, signed: true };
  const { scale, zeroPoint, bits } = own.grid;
  return { name, shape, scale, zeroPoint, bits, signed: false };
}

/** Ranges and grids of the points, in topological order. */
export function summariseActivations(
  { tensors }: QuantisedGraph,
  { points }: Split,
  plan: GridPlan,
  agreements: Agreements,
): Summary['activations'] {
  const bySource = new Map(tensors.map((tensor) => [tensor.source, tensor]));
  return points.flatMap((point) => {
    const tensor = bySource.get(point.value);
    if (tensor === undefined) return [];
    const agreement = agreementOf(tensor.value, agreements);
    return [
      {
        name: point.value.name,
        ...plan.rangeOf(point),
        ...tensor.grid,
        signed: false,
        saturatedFraction: agreement?.saturatedFraction ?? null,
      },
    ];
  });
}
