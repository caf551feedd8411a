import type { Quantisation } from '../../ir/graph.js';
import type { RequantisationSummary, RequantisedWeights } from '../summary.js';
import { weightsOf } from '../weights/weights-of.js';
import type { LayerConstants } from '../tinpu/recipes/recipe.js';
import { layerName } from '../report/layer-name.js';
import type { QuantisationPoint } from '../tinpu/split/roles.js';
import type { CompiledTensors } from '../tinpu/training.js';
import { rowsOf } from '../weights/layer-channels.js';
import { NOTHING_FOLDED, type FoldedZeroPoints } from './fold-zero-points.js';
import { gridBits } from './trained-grid.js';
import type { TrainedChannel } from './trained-knowledge.js';
import { expectedDifference, type Knowledge } from './trained-scale.js';

/** The constants that a layer's weights became between two scales. */
export type ConstantsOf = (
  weights: Float32Array,
  inputScale: number,
  outputScale: number,
) => LayerConstants | undefined;

/** What became of the numbers that a model was trained with, point by point. */
export function accountOf(
  { scales, measured }: CompiledTensors,
  known: Knowledge,
  constantsOf: ConstantsOf,
  { shifted, obstacles }: FoldedZeroPoints = NOTHING_FOLDED,
): RequantisationSummary[] {
  const byGroup = new Map([...scales].map(([point, { scale }]) => [point.group, scale]));
  const context = {
    inputScaleOf: ({ from }: QuantisationPoint) => from && byGroup.get(from),
    signed: (point: QuantisationPoint) => scales.get(point)?.signed ?? true,
    rangeOf: () => ({ min: 0, max: 0 }),
  };
  return [...scales].map(([point, { scale, bits, signed }]) => {
    const { value, node } = point;
    const grid = known.tensorOf(point)?.grid;
    const shift = shifted.get(value.name);
    const inputScale = context.inputScaleOf(point);
    const layer = inputScale === undefined ? undefined : layerOf(point, inputScale, scale, known, constantsOf);
    const difference = expectedDifference(point, scale, context, known, layer?.error);
    return {
      layer: node === undefined ? value.name : layerName(node),
      tensor: value.name,
      trained: grid ? { scale: grid.scale, zeroPoint: shift?.zeroPoint ?? grid.zeroPoint, bits: gridBits(grid) } : null,
      offset: shift?.offset ?? 0,
      obstacle: obstacles.get(value.name) ?? null,
      scale,
      bits,
      signed,
      resolutionLossDb: grid ? decibels((scale / grid.scale) ** 2) : null,
      weights: layer?.summary ?? null,
      expectedCostDb: grid ? decibels(1 + difference / (grid.scale ** 2 / 12)) : null,
      measuredSqnrDb: finite(measured.tensors.get(value.name)?.sqnrDb),
    };
  });
}

interface AccountedLayer {
  readonly summary: RequantisedWeights;
  /** Squared error of the weights, on average over the channels. */
  readonly error: number;
}

function layerOf(
  { kind, node, weightBits }: QuantisationPoint,
  inputScale: number,
  outputScale: Quantisation['scale'],
  { weights }: Knowledge,
  constantsOf: ConstantsOf,
): AccountedLayer | undefined {
  if (kind !== 'layer' || node === undefined || !weights.isTrained(node)) return undefined;
  const layer = weightsOf(node);
  const constants = constantsOf(layer.weights, inputScale, outputScale);
  if (constants === undefined) return undefined;
  const levels = rowsOf({ ...layer, weights: Float32Array.from(constants.weights) });
  const channels = weights.channelsOf(node, weightBits);
  const errors = channels.map((channel, c) => errorOf(channel, levels[c], constants.weightScale[c] ?? 1));
  const kept = channels.filter(({ trained }, c) => trained?.levels.every((q, i) => q === levels[c]?.[i]) === true);
  const noise = errors.reduce((sum, each) => sum + each, 0);
  const signal = channels.reduce((sum, { energy }) => sum + energy, 0);
  return {
    error: noise / Math.max(1, channels.length),
    summary: {
      channels: channels.length,
      kept: kept.length,
      bits: weightBits,
      trainedScale: channels.map(({ trained }) => trained?.scale ?? null),
      scale: constants.weightScale,
      sqnrDb: noise > signal * ROUNDING ? decibels(signal / noise) : null,
    },
  };
}

/** What float32 rounding of weights amounts to, as a part of their energy. */
const ROUNDING = 2 ** -40;

function errorOf({ weights, trained }: TrainedChannel, levels: Float64Array | undefined, scale: number): number {
  return weights.reduce((sum, w, i) => {
    const exact = trained === undefined ? w : trained.scale * (trained.levels[i] ?? 0);
    return sum + (exact - scale * (levels?.[i] ?? 0)) ** 2;
  }, 0);
}

const decibels = (ratio: number): number | null => finite(10 * Math.log10(ratio));

const finite = (x: number | undefined): number | null => (x !== undefined && Number.isFinite(x) ? x : null);
