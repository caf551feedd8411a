import { InternalError } from '../../../ir/diagnostics.js';
import { makeObserver, type ObserverKind } from '../../../passes/calibration/observers/index.js';
import type { Observer, Range } from '../../../passes/calibration/observers/observer.js';
import { exactInputScale, LEAST_INPUT_SCALE, quantiseInput } from '../arithmetic/input-constants.js';
import { weightPeaks, weightShift } from '../arithmetic/layer-constants.js';
import { exactPoolScale, quantisePool } from '../arithmetic/pool-constants.js';
import type { QuantisationPoint, ScaleGroup } from '../split/roles.js';
import { quantiseLayerWeights } from '../weights/quantise-layer-weights.js';
import { weightsOf } from '../../weights/weights-of.js';
import { EnergyObserver } from './energy-observer.js';
import { areaOf } from './least-scale.js';
import { fittingScale, largestScale, saturatingScale, sharedScale } from './range-scale.js';
import type { Recipe, ScaleContext } from './recipe.js';

/**
 * Ranges of 8-bit activations are this much wider at both ends than observed: inputs that calibration did not show exceed
 * it a little, and beside 8-bit weights, whose scales are powers of two apart, a slightly larger scale costs nothing on
 * average. Narrower integers have no step to spare.
 */
const HEADROOM = 1.15;

/** An operand that other layers read is rescaled where an addition would cost it this factor of its resolution: two bits. */
const COARSER = 4;

/** Output scales tried above the fitting one, in eighths of an octave. */
const CANDIDATES = 12;

/**
 * The project's own recipe: ranges of the float model; scales free of powers of two (spec 1.2). The scale of a group is the
 * one that makes the expected error of rounding the activations and of rounding the 8-bit weights, whose scales follow from
 * it, smallest together.
 */
export const quantcRecipe: Recipe = {
  name: 'quantc',
  plan: (_graph, points, kind: ObserverKind = 'mse') => {
    const observers = new Map(
      points.map((point) => [point, new EnergyObserver(makeObserver(kind, { bits: point.bits }))]),
    );
    return {
      taps: [...observers].map(([{ value }, observer]) => ({ value, observer })),
      rangeOf: (point) => observed(observers, point).range(),
      energyOf: (point) => observed(observers, point).energy(),
    };
  },
  scale: (group, context) => {
    const fits = group.points.map((point) => observedFit(point, context));
    const [first] = group.points;
    const fitting = sharedScale(fits);
    if (first === undefined || group.points.length > 1) return jointScale(group, fitting, context);
    const signed = context.signed(first);
    const most = largestScale(first, signed);
    if (saturatingScale(context.rangeOf(first), signed, first) !== undefined) return fitting;
    switch (first.kind) {
      case 'input':
      case 'island': {
        const exact = exactInputScale(fitting);
        return fitting < LEAST_INPUT_SCALE || exact > most ? fitting : exact;
      }
      case 'pool': {
        const inputScale = context.inputScaleOf(first);
        if (inputScale === undefined) return fitting;
        return Math.min(exactPoolScale(areaOf(first), inputScale, fitting), most);
      }
      default:
        return jointScale(group, fitting, context);
    }
  },
  raise: (least) => least,
  layer: quantiseLayerWeights,
  refines: () => true,
  rescales: (factor, feedsLayer) => feedsLayer && factor >= COARSER,
  pool: quantisePool,
  input: quantiseInput,
};

/** The scale at which a point's range fits, or at which its integers saturate at its bounds. */
export function observedFit(point: QuantisationPoint, { rangeOf, signed }: ScaleContext): number {
  const range = rangeOf(point);
  const saturating = saturatingScale(range, signed(point), point);
  return saturating ?? fittingScale(point.bits === 8 ? widen(range) : range, signed(point), point);
}

const widen = ({ min, max }: Range): Range => ({ min: min * HEADROOM, max: max * HEADROOM });

/**
 * The scale in [fitting, 2^(11/8) · fitting] with the least expected error over the points of a group: s_y² / 12 for each
 * activation, and for 8-bit weights taps · E[x²] · s_w² / 12 on average over the channels. Weights of 4 and 2 bits have
 * scales of their own.
 */
function jointScale({ points }: ScaleGroup, fitting: number, context: ScaleContext): number {
  const layers = points.flatMap((point) => layerErrorOf(point, context) ?? []);
  if (layers.length === 0) return fitting;
  const errorAt = (scale: number): number =>
    layers.reduce((sum, error) => sum + error(scale), points.length * scale ** 2);
  const most = Math.min(...points.map((point) => largestScale(point, context.signed(point))));
  let best = fitting;
  for (let i = 1; i < CANDIDATES; i++) {
    const candidate = fitting * 2 ** (i / 8);
    if (candidate <= most && errorAt(candidate) < errorAt(best)) best = candidate;
  }
  return best;
}

/** The error that the weights of a layer contribute to its output, in units of 1 / 12, by output scale. */
function layerErrorOf(point: QuantisationPoint, context: ScaleContext): ((scale: number) => number) | undefined {
  const { kind, node, from, weightBits } = point;
  const inputScale = context.inputScaleOf(point);
  if (kind !== 'layer' || node === undefined || inputScale === undefined || weightBits !== 8) return undefined;
  const weights = weightsOf(node);
  const peaks = weightPeaks(weights);
  const energies = (from?.points ?? []).map((source) => context.energyOf?.(source) ?? 0);
  const energy = energies.reduce((sum, each) => sum + each, 0) / Math.max(1, energies.length);
  return (scale) => {
    let weightError = 0;
    for (const peak of peaks) {
      weightError += ((2 ** -weightShift(peak, inputScale, scale) * scale) / inputScale) ** 2;
    }
    return (weights.taps * energy * weightError) / Math.max(1, peaks.length);
  };
}

function observed<O extends Observer>(observers: ReadonlyMap<QuantisationPoint, O>, point: QuantisationPoint): O {
  const observer = observers.get(point);
  if (observer === undefined) throw new InternalError(`'${point.value.name}' was not observed`);
  return observer;
}
