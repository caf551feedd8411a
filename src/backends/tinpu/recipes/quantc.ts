import { makeObserver, type ObserverKind } from '../../../passes/calibration/observers/index.js';
import type { Observer, Range } from '../../../passes/calibration/observers/observer.js';
import { InternalError } from '../../../ir/diagnostics.js';
import type { Quantisation } from '../../../ir/graph.js';
import { exactInputScale, LEAST_INPUT_SCALE, quantiseInput } from '../input-constants.js';
import { quantiseLayer, weightPeaks, weightShift } from '../layer-constants.js';
import { exactPoolScale, quantisePool } from '../pool-constants.js';
import type { QuantisationPoint } from '../roles.js';
import { weightsOf } from '../weights-of.js';
import { activation, fittingScale, isSigned, largestScale, saturatingScale } from './range-scale.js';
import { EnergyObserver } from './energy-observer.js';
import { areaOf, leastScale } from './least-scale.js';
import type { Recipe } from './recipe.js';
import { repairScale } from './repair-scale.js';

/**
 * Ranges are taken this much wider than observed: inputs that calibration did not show exceed it a little, and saturating
 * them costs more than the lost fraction of a step.
 */
const HEADROOM = 1.15;

/** Output scales tried above the fitting one, in eighths of an octave. */
const CANDIDATES = 12;

/**
 * The project's own recipe: ranges of the float model; scales free of powers of two (spec 1.2). The scale of a layer's
 * output is the one that makes the expected error of rounding the activation and of rounding the weights, whose scales
 * follow from it, smallest together.
 */
export const quantcRecipe: Recipe = {
  name: 'quantc',
  plan: (_graph, points, kind: ObserverKind = 'mse') => {
    const observers = new Map(points.map((point) => [point, new EnergyObserver(makeObserver(kind, { bits: 8 }))]));
    return {
      taps: [...observers].map(([{ value }, observer]) => ({ value, observer })),
      rangeOf: (point) => observed(observers, point).range(),
      energyOf: (point) => observed(observers, point).energy(),
    };
  },
  scales: (points, { rangeOf, energyOf }, report) => {
    const scales = new Map<QuantisationPoint, Quantisation>();
    for (const point of points) {
      const range = rangeOf(point);
      const signed = isSigned(range, point.bounds);
      const bound = saturatingScale(range, signed, point.bounds);
      const fitting = bound ?? fittingScale(widen(range, HEADROOM), signed, point.bounds);
      const inputScale = point.from && scales.get(point.from)?.scale;
      const most = largestScale(signed, point.bounds);
      let wanted = fitting;
      if (bound === undefined && (point.kind === 'input' || point.kind === 'tail')) {
        const exact = exactInputScale(fitting);
        wanted = fitting < LEAST_INPUT_SCALE || exact > most ? fitting : exact;
      } else if (bound === undefined && point.kind === 'layer' && inputScale !== undefined) {
        wanted = jointScale(point, inputScale, { fitting, most }, energyOf?.(point.from ?? point) ?? 0);
      } else if (bound === undefined && point.kind === 'pool' && inputScale !== undefined) {
        wanted = Math.min(exactPoolScale(areaOf(point), inputScale, fitting), most);
      }
      const least = leastScale(point, inputScale);
      scales.set(point, activation(repairScale(point, { wanted, least, signed }, report), signed));
    }
    return scales;
  },
  layer: quantiseLayer,
  pool: quantisePool,
  input: quantiseInput,
};

/**
 * The output scale in [fitting, 2^(11/8) · fitting] with the least expected error: s_y² / 12 for the activation, and for
 * the weights taps · E[x²] · s_w² / 12 on average over the channels.
 */
function jointScale(
  point: QuantisationPoint,
  inputScale: number,
  { fitting, most }: { readonly fitting: number; readonly most: number },
  energy: number,
): number {
  if (point.node === undefined) return fitting;
  const weights = weightsOf(point.node);
  const peaks = weightPeaks(weights);
  const errorAt = (scale: number): number => {
    let weightError = 0;
    for (const peak of peaks) {
      const weightScale = (2 ** -weightShift(peak, inputScale, scale) * scale) / inputScale;
      weightError += weightScale ** 2;
    }
    return scale ** 2 + (weights.taps * energy * weightError) / Math.max(1, peaks.length);
  };
  let best = fitting;
  for (let i = 1; i < CANDIDATES; i++) {
    const candidate = fitting * 2 ** (i / 8);
    if (candidate <= most && errorAt(candidate) < errorAt(best)) best = candidate;
  }
  return best;
}

const widen = ({ min, max }: Range, factor: number): Range => ({ min: min * factor, max: max * factor });

function observed<O extends Observer>(observers: ReadonlyMap<QuantisationPoint, O>, point: QuantisationPoint): O {
  const observer = observers.get(point);
  if (observer === undefined) throw new InternalError(`'${point.value.name}' was not observed`);
  return observer;
}
