import { makeObserver, type ObserverKind } from '../../passes/calibration/observers/index.js';
import { quantiseInput } from '../tinpu/arithmetic/input-constants.js';
import { MAX_AFFINE_SCALE, multiplierFor } from '../tinpu/arithmetic/requantisation.js';
import type { Value } from '../../ir/graph.js';
import { InternalError } from '../../ir/diagnostics.js';
import { EnergyObserver } from '../tinpu/recipes/energy-observer.js';
import { quantcRecipe } from '../tinpu/recipes/quantc.js';
import type { InputAffine, InputConstants, LayerConstants, LayerInput, Recipe } from '../tinpu/recipes/recipe.js';
import type { QuantisationPoint } from '../tinpu/split/roles.js';
import type { ConstantsOf } from './account.js';
import type { StrippedModel } from './stripped-model.js';
import type { TrainedWeightsIndex } from './trained-knowledge.js';
import { quantiseTrainedLayer } from './trained-layer.js';
import { trainedTensor, type TrainedTensor } from './trained-points.js';
import { energyOf, trainedScale, type Knowledge } from './trained-scale.js';

/** Errors of the input sequence's multiplier below this, relatively, do not move a rounding: a quarter step of 10 bits. */
const PRECISE = 2 ** -12;

/** A recipe and what it found out. */
export interface TrainedRecipe extends Knowledge {
  readonly recipe: Recipe;
  readonly constantsOf: ConstantsOf;
}

/**
 * The decisions that keep what a quantised model was trained with: ranges are those of its scales, weights keep their
 * integers where the hardware has a multiplier for them. Tensors without scales are observed as the recipe `quantc` does.
 * @param hasSamples whether calibration data are there, which trained tensors are then observed on as well
 * @param found told of the points that have no scale
 */
export function trainedRecipe(
  { grids }: Pick<StrippedModel, 'grids'>,
  weights: TrainedWeightsIndex,
  hasSamples: boolean,
  found: (untrained: readonly QuantisationPoint[]) => void,
): TrainedRecipe {
  const tensors = new Map<Value, TrainedTensor>();
  const known: Knowledge = { tensorOf: ({ value }) => tensors.get(value), weights };
  const layers: { readonly input: LayerInput; readonly constants: LayerConstants }[] = [];
  const recipe: Recipe = {
    ...quantcRecipe,
    name: 'trained',
    plan: (_graph, points, kind: ObserverKind = 'mse') => {
      const observers = new Map<Value, EnergyObserver>();
      for (const point of points) {
        const tensor = trainedTensor(point, grids);
        if (tensor !== undefined) tensors.set(point.value, tensor);
        else observers.set(point.value, new EnergyObserver(makeObserver(kind, { bits: point.bits })));
      }
      found(points.filter(({ value }) => observers.has(value)));
      const evidence = [...tensors].map(([value, tensor]) => [value, tensor.evidence] as const);
      const observed = ({ value }: QuantisationPoint): EnergyObserver => {
        const observer = observers.get(value);
        if (observer === undefined) throw new InternalError(`'${value.name}' was neither trained nor observed`);
        return observer;
      };
      return {
        taps: [...observers, ...(hasSamples ? evidence : [])].map(([value, observer]) => ({ value, observer })),
        rangeOf: (point) => known.tensorOf(point)?.range ?? observed(point).range(),
        energyOf: (point) => {
          const tensor = known.tensorOf(point);
          return tensor === undefined ? observed(point).energy() : energyOf(tensor);
        },
      };
    },
    scale: (group, context) => trainedScale(group, context, known),
    layer: (input) => {
      const constants = quantiseTrainedLayer(input, weights.scalesOf(input.origins));
      layers.push({ input, constants });
      return constants;
    },
    // Without data, what random numbers show of a layer's input would be made up for where real inputs never go.
    refines: () => hasSamples,
    input: (affine, scale) => {
      const constants = quantiseInput(affine && onceIfUniform(affine), scale);
      return affine === undefined && inputError(constants, scale) > PRECISE ? preciseInput(scale) : constants;
    },
  };
  const constantsOf: ConstantsOf = (of, inputScale, outputScale) =>
    layers.findLast(
      ({ input }) => input.weights === of && input.inputScale === inputScale && input.outputScale === outputScale,
    )?.constants;
  return { ...known, recipe, constantsOf };
}

/** An affine map that treats all channels alike as that of one channel. */
function onceIfUniform(affine: InputAffine): InputAffine {
  const { factor, deviation, center, offset } = affine;
  const isUniform = [factor, center, offset].every((list) => list.every((each) => each === list[0]));
  const first = (list: readonly number[]): readonly number[] => list.slice(0, 1);
  if (!isUniform) return affine;
  return { factor: first(factor), deviation: first(deviation), center: first(center), offset: first(offset) };
}

const inputError = ({ multiplier, shift }: InputConstants, scale: number): number =>
  Math.abs((multiplier[0] ?? 0) * 2 ** -(shift[0] ?? 0) * scale - 1);

/** The input sequence with a multiplier of 12 bits (spec 1.4). */
function preciseInput(scale: number): InputConstants {
  const { multiplier, shift } = multiplierFor(1 / scale, MAX_AFFINE_SCALE);
  return {
    bias: Float32Array.of(2 ** (shift - 1) / multiplier),
    multiplier: Float32Array.of(multiplier),
    shift: Int32Array.of(shift),
  };
}
