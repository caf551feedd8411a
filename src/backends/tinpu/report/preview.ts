import { mergeOrigins, opName, type Graph, type Node, type Value } from '../../../ir/graph.js';
import type { IslandSummary, LayerSummary } from '../../summary.js';
import type { Target } from '../../targets.js';
import { rowSize } from '../../work.js';
import { cpuReason } from './cpu-reason.js';
import { groupIslands, summariseIslands, type Island } from '../../report/islands.js';
import { layerName } from '../../report/layer-name.js';
import { MOVING } from '../../report/moving.js';
import { place } from '../placement/place.js';
import type { RuleSet } from '../placement/rules.js';
import { PreviewShapes } from './preview-shapes.js';
import type { QuantisationPoint, Roles } from '../split/roles.js';
import { rowsPerSample } from '../../report/rows.js';
import { UNCALIBRATED } from '../../report/uncalibrated.js';
import { constantCost, workOf } from '../../report/work.js';

export interface Preview {
  readonly layers: readonly LayerSummary[];
  readonly islands: readonly IslandSummary[];
}

/**
 * The rows that the report on a canonical float graph will have, with what is known before calibration; scales, shifts and
 * accuracy are left open. A node that cannot be lowered is a row on the CPU with the reason.
 */
export function previewLayers(graph: Graph, roles: Roles, target: Target, rules: RuleSet): Preview {
  return new PreviewRows(graph, roles, target, rules).preview();
}

class PreviewRows {
  readonly #graph: Graph;
  readonly #roles: Roles;
  readonly #place: (shape: ReturnType<PreviewShapes['shapeOf']>, otherwise: string) => ReturnType<typeof place>;
  readonly #shapes: PreviewShapes;
  readonly #rows: ReadonlyMap<Value, number>;
  readonly #points: ReadonlyMap<Node, QuantisationPoint>;
  /** Clips that are the bounds of the layer in front of them. */
  readonly #clips: ReadonlySet<Node>;
  /** Convolutions that are part of the addition behind them (BNORMRES). */
  readonly #absorbed: ReadonlyMap<Node, QuantisationPoint>;

  constructor(graph: Graph, roles: Roles, target: Target, rules: RuleSet) {
    this.#graph = graph;
    this.#roles = roles;
    this.#place = (shape, otherwise) => place(shape, target, rules, otherwise);
    this.#rows = rowsPerSample(graph);
    this.#shapes = new PreviewShapes(this.#rows, roles.points);
    const { points } = roles;
    this.#points = new Map(points.flatMap((point) => (point.node === undefined ? [] : [[point.node, point]])));
    this.#clips = new Set(points.flatMap(({ value, bounds }) => (bounds && value.producer ? [value.producer] : [])));
    const residuals = points.filter(({ residual }) => residual);
    this.#absorbed = new Map(
      residuals.flatMap((point) => [...point.value.uses].map(({ node }) => [node, point] as const)),
    );
  }

  preview(): Preview {
    const { obstacles, points } = this.#roles;
    const islands = this.#islands();
    const islandOf = new Map(islands.flatMap((island) => island.nodes.map((node) => [node, island] as const)));
    const refused = new Map(obstacles.map(({ node, reason }) => [node, reason]));
    const absorbed = new Set([...this.#absorbed.values()].map(({ node }) => node));
    const inputs = points.filter(({ kind }) => kind === 'input').map(({ value }) => quantisingRow(value, value.name));
    const layers = this.#graph.nodes.flatMap((node): LayerSummary[] => {
      const listed = !MOVING.has(node.op) && !this.#clips.has(node) && !absorbed.has(node);
      const reason = refused.get(node);
      const layer = listed || reason !== undefined ? [this.#row(node, islandOf.get(node), reason)] : [];
      const point = this.#points.get(node);
      return point?.kind === 'island' ? [...layer, quantisingRow(point.value, layerName(node))] : layer;
    });
    return { layers: [...inputs, ...layers], islands: summariseIslands(islands) };
  }

  #islands(): Island[] {
    const { domains, points } = this.#roles;
    const quantised = new Set(points.map(({ value }) => value));
    const { integer, inputAffines } = domains;
    return groupIslands(
      this.#graph,
      (node) => !integer.has(node) && !inputAffines.has(node) && !this.#clips.has(node),
      (value) => (value.producer !== undefined && integer.has(value.producer) ? value : undefined),
      (value) => quantised.has(value),
    );
  }

  #row(node: Node, island: Island | undefined, refusal: string | undefined): LayerSummary {
    const residual = this.#absorbed.get(node);
    const point = this.#points.get(node);
    const nodes = [residual?.node, node, point?.bounds && point.value.producer].filter((each) => each !== undefined);
    const row = this.#describe(residual?.node ?? node, nodes);
    const base = { ...row, island: island?.number ?? null };
    if (refusal !== undefined) return { ...base, pattern: null, placement: 'cpu', reason: refusal };
    if (this.#roles.domains.inputAffines.has(node)) {
      const { unit, reason } = this.#place(this.#shapes.plain(node), cpuReason('quantise', undefined));
      const constants = { weightBits: null, weightCount: 0, bytes: NO_BYTES };
      return { ...base, ...constants, op: 'quantise', pattern: null, placement: unit, reason };
    }
    const integer = this.#roles.domains.integer.has(node);
    const sizes = integer ? this.#shapes.shapeOf(residual?.node ?? node) : this.#shapes.plain(node);
    const shape = residual === undefined ? sizes : { ...sizes, pattern: 'PWCONVRES' as const };
    const { unit, reason } = this.#place(shape, cpuReason(row.op, island));
    return { ...base, pattern: shape.pattern ?? null, placement: unit, reason };
  }

  /** What of a row follows from the float nodes alone. */
  #describe(node: Node, nodes: readonly Node[]): Omit<LayerSummary, 'placement' | 'reason' | 'pattern' | 'island'> {
    const [output] = node.outputs;
    const work = workOf(node, (value) => this.#rows.get(value) ?? 1);
    const base = {
      ...OPEN,
      name: layerName(node),
      source: mergeOrigins(nodes).map(({ name }) => name),
      op: opName(node),
      outputShape: output?.type.shape ?? [],
    };
    const kind = this.#points.get(node)?.kind;
    if (kind !== 'layer' && kind !== 'pool') {
      const { bits, count, bytes } = constantCost(node);
      return { ...base, ...work, weightBits: bits, weightCount: count, bytes: { ...NO_BYTES, weights: bytes } };
    }
    const { outputChannels, weightBits } = this.#shapes.shapeOf(node);
    const weightCount = this.#shapes.weightCountOf(node);
    return {
      ...base,
      // The windows of a pool are summed as a depthwise convolution does it.
      macs: opName(node) === 'AveragePool' ? work.operations : work.macs,
      operations: work.operations,
      weightBits: weightCount === 0 ? null : weightBits,
      weightCount,
      bytes: {
        weights: Math.ceil((weightCount * weightBits) / 8),
        bias: outputChannels * (weightBits === 8 ? 3 : 2),
        scale: outputChannels,
        shift: outputChannels,
      },
    };
  }
}

const OPEN = {
  ...UNCALIBRATED,
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
