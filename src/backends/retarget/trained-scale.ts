import { exactPoolScale, quantisePool } from '../tinpu/arithmetic/pool-constants.js';
import { weightShift } from '../tinpu/arithmetic/layer-constants.js';
import { areaOf } from '../tinpu/recipes/least-scale.js';
import { observedFit } from '../tinpu/recipes/quantc.js';
import { fittingScale, largestScale, saturatingScale, sharedScale } from '../tinpu/recipes/range-scale.js';
import type { ScaleContext } from '../tinpu/recipes/recipe.js';
import type { QuantisationPoint, ScaleGroup } from '../tinpu/split/roles.js';
import type { TrainedChannel, TrainedWeightsIndex } from './trained-knowledge.js';
import { sharesLattice, type TrainedTensor } from './trained-points.js';

/** What is known of points and layers from the model's own quantisation. */
export interface Knowledge {
  readonly tensorOf: (point: QuantisationPoint) => TrainedTensor | undefined;
  readonly weights: TrainedWeightsIndex;
}

/** Scales tried above the fitting one, in eighths of an octave, and the weight scales of a layer that are tried to be kept. */
const CANDIDATES = 8;
const MOST_KEPT = 64;

/** Scales that differ by less, relatively, are one: rounding of float32. */
const EQUAL = 1e-6;

/** Root mean square of a tensor, as a part of how far its grid reaches. */
const TYPICAL = 1 / 8;

/** Squared difference of two roundings on one grid, in squared steps: its limit, and its growth with the disturbance. */
const UNRELATED = 1 / 6;
const FLIPPING = 0.8;

/**
 * The scale of a group of trained tensors: the one they were trained with, so that values saturate where they were trained
 * to; or a larger one where the difference from the quantised model is then expected to be smaller, by what samples show of
 * saturation, or without samples where all weights of a layer then keep their integers.
 */
export function trainedScale({ points }: ScaleGroup, context: ScaleContext, known: Knowledge): number {
  const fitting = sharedScale(points.map((point) => ownScale(point, context, known)));
  const most = Math.min(...points.map((point) => largestScale(point, context.signed(point))));
  const errorAt = (scale: number): number =>
    points.reduce((sum, point) => sum + expectedDifference(point, scale, context, known), 0);
  let best = { scale: fitting, error: errorAt(fitting) };
  for (const scale of points.flatMap((point) => candidatesOf(point, fitting, context, known))) {
    if (scale <= fitting * (1 + EQUAL) || scale > most) continue;
    const error = errorAt(scale);
    if (error < best.error * (1 - EQUAL)) best = { scale, error };
  }
  return best.scale;
}

/** The scale at which a tensor reaches as far as it was trained to, the trained one itself where signs allow it. */
export function ownScale(point: QuantisationPoint, context: ScaleContext, { tensorOf }: Knowledge): number {
  const tensor = tensorOf(point);
  if (tensor === undefined) return observedFit(point, context);
  const signed = context.signed(point);
  const { grid, range } = tensor;
  const shares = !point.residual && sharesLattice(grid, point, signed);
  if (shares && grid.scale <= largestScale(point, signed) * (1 + EQUAL)) return grid.scale;
  return saturatingScale(range, signed, point) ?? fittingScale(range, signed, point);
}

/**
 * The expected squared difference of a tensor from the one that the quantised model computes, from this point alone.
 * @param weights squared error of the weights, on average over the channels, where it is known
 */
export function expectedDifference(
  point: QuantisationPoint,
  scale: number,
  context: ScaleContext,
  known: Knowledge,
  weights?: number,
): number {
  const disturbance =
    weights === undefined ? disturbanceOf(point, scale, context, known) : weights * inputEnergy(point, context, known);
  const tensor = known.tensorOf(point);
  if (tensor === undefined) return disturbance + scale ** 2 / 12;
  const { grid } = tensor;
  if (!sharesLattice(grid, point, context.signed(point)) || Math.abs(scale / grid.scale - 1) > EQUAL) {
    return disturbance + (scale ** 2 + grid.scale ** 2) / 12 + tensor.evidence.overshoot;
  }
  return disturbance + Math.min(UNRELATED * scale ** 2, FLIPPING * scale * Math.sqrt(disturbance));
}

/** The expected squared error in front of the rounding to a scale: of rounded weights, or of a pool's multiplier. */
function disturbanceOf(point: QuantisationPoint, scale: number, context: ScaleContext, known: Knowledge): number {
  const { kind, node, weightBits } = point;
  const inputScale = context.inputScaleOf(point);
  if (inputScale === undefined || node === undefined) return 0;
  const energy = inputEnergy(point, context, known);
  if (kind === 'pool') {
    const multiplier = quantisePool(areaOf(point), inputScale, scale);
    const wanted = inputScale / (scale * areaOf(point));
    return energy * ((multiplier.scale * 2 ** -multiplier.shift) / wanted - 1) ** 2;
  }
  if (kind !== 'layer' || weightBits !== 8) return 0;
  const channels = known.weights.channelsOf(node, weightBits);
  const errors = channels.reduce((sum, channel) => sum + weightError(channel, inputScale, scale), 0);
  return (energy * errors) / Math.max(1, channels.length);
}

/** Squared error of the weights of a channel at the power of two that keeps its integers, or that its largest weight asks for. */
function weightError({ weights, trained, energy }: TrainedChannel, inputScale: number, outputScale: number): number {
  const peak = weights.reduce((largest, w) => Math.max(largest, Math.abs(w)), 0);
  if (peak === 0) return 0;
  const unit = outputScale / inputScale;
  if (trained !== undefined) {
    const kept = 2 ** Math.round(Math.log2(trained.scale / unit)) * unit;
    const distance = Math.abs(kept / trained.scale - 1);
    if (distance * (peak / trained.scale) < 0.5) return distance ** 2 * energy;
  }
  const rounded = 2 ** -weightShift(peak, inputScale, outputScale) * unit;
  return (weights.length * rounded ** 2) / 12;
}

function inputEnergy({ from }: QuantisationPoint, context: ScaleContext, { tensorOf }: Knowledge): number {
  const energies = (from?.points ?? []).map((point) => {
    const tensor = tensorOf(point);
    return tensor === undefined ? (context.energyOf?.(point) ?? 0) : energyOf(tensor);
  });
  return energies.reduce((sum, each) => sum + each, 0) / Math.max(1, energies.length);
}

/** E[x²] of a tensor, guessed where no more is known than how far it reaches. */
export function energyOf({ range: { min, max }, evidence }: TrainedTensor): number {
  return evidence.exists ? evidence.energy : (TYPICAL * Math.max(-min, max)) ** 2;
}

/** Scales in [fitting, 2 · fitting) that may be better than the fitting one. */
function candidatesOf(
  point: QuantisationPoint,
  fitting: number,
  context: ScaleContext,
  { tensorOf, weights }: Knowledge,
): number[] {
  const { kind, node, weightBits } = point;
  const inputScale = context.inputScaleOf(point);
  if (inputScale === undefined || node === undefined) return [];
  const blind = tensorOf(point)?.evidence.exists === false;
  if (kind === 'pool') return blind ? [] : [exactPoolScale(areaOf(point), inputScale, fitting)];
  if (kind !== 'layer' || weightBits !== 8) return [];
  const channels = weights.channelsOf(node, weightBits);
  const scales = new Set(channels.flatMap(({ trained }) => trained?.scale ?? []));
  const keeping = [...scales].slice(0, MOST_KEPT).map((scale) => inOctave(scale * inputScale, fitting));
  if (!blind) return [...Array.from({ length: CANDIDATES }, (_, i) => fitting * 2 ** (i / CANDIDATES)), ...keeping];
  const [first = 0] = keeping;
  const whole = channels.every(({ trained }) => trained !== undefined) && scales.size <= MOST_KEPT;
  return whole && keeping.every((scale) => Math.abs(scale / first - 1) < EQUAL) ? [first] : [];
}

/** The scale times the power of two that brings it to at least `least`, and below twice that. */
const inOctave = (scale: number, least: number): number => scale * 2 ** Math.ceil(Math.log2(least / scale) - EQUAL);
