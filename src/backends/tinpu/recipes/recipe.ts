import type { Graph } from '../../../ir/graph.js';
import type { Range } from '../../../passes/calibration/observers/observer.js';
import type { ObserverKind } from '../../../passes/calibration/observers/index.js';
import type { Interval } from '../arithmetic/integer-range.js';
import type { Bits } from '../../quantisation.js';
import type { ObservationPlan } from '../../calibration/observation-plan.js';
import type { LayerMoments } from '../../weights/layer-moments.js';
import type { LayerWeights } from '../../weights/weights-of.js';
import type { QuantisationPoint, ScaleGroup } from '../split/roles.js';

/** What calibration watches, and the weights it runs on. */
export interface CalibrationPlan extends ObservationPlan {
  /** Range of a point after calibration. */
  readonly rangeOf: (point: QuantisationPoint) => Range;
  /** Mean square of a point's elements, for a recipe that weighs errors. */
  readonly energyOf?: (point: QuantisationPoint) => number;
}

/** Integer constants of one Conv or Gemm (spec 1.2). */
export interface LayerConstants {
  readonly weights: Int8Array;
  /** Per output channel. */
  readonly weightScale: readonly number[];
  readonly bias: Int32Array;
  readonly scale: Int32Array;
  readonly shift: Int32Array;
  /** Channels that a constraint keeps from the scale the recipe would choose. */
  readonly moves: readonly WeightMove[];
}

/** What may keep a channel from its scale (spec 1.2, 1.6). */
export type WeightConstraint =
  /** The multiplier is above the largest or below the smallest that BNORM expresses. */
  | 'multiplier-range'
  /** The bias exceeds its width. */
  | 'bias-width'
  /** Accumulator plus bias can leave 32 bits. */
  | 'accumulator-width'
  /** Accumulator plus bias, times the BNORM scale, can leave what float32 holds exactly. */
  | 'carrier';

/** A channel whose weights have another scale than the best one. */
export interface WeightMove {
  readonly channel: number;
  readonly constraint: WeightConstraint;
  /** Weight scales. */
  readonly from: number;
  readonly to: number;
  /** Loss of the weights' signal-to-noise ratio. */
  readonly costDb: number;
}

/** What of a layer its constants are computed from. */
export interface LayerInput extends Omit<LayerWeights, 'taps'>, LayerMoments {
  readonly inputScale: number;
  readonly outputScale: number;
  /** The integers of the input, 0 included. */
  readonly inputRange: Interval;
  /** Width of the weights. */
  readonly bits: Bits;
  /** Whether the layer is a convolution that a BatchNormalization was folded into. */
  readonly foldedBatchnorm?: boolean | undefined;
}

/** Constants of the input sequence (spec 1.4), one for each channel or for all of them. */
export interface InputConstants {
  readonly bias: Float32Array;
  readonly multiplier: Float32Array;
  readonly shift: Int32Array;
}

/** A per-channel affine map y = factor · (x - center) + offset in front of the quantisation. */
export interface InputAffine {
  readonly factor: readonly number[];
  /** √(σ² + ε) of the BatchNormalization that the factor is γ / √(σ² + ε) of. */
  readonly deviation: readonly number[];
  readonly center: readonly number[];
  readonly offset: readonly number[];
}

/** BNORM constants of a window sum, the same for every channel (spec 1.3). */
export interface PoolConstants {
  readonly bias: number;
  readonly scale: number;
  readonly shift: number;
}

/** What a recipe chooses a group's scale by. */
export interface ScaleContext extends Pick<CalibrationPlan, 'rangeOf' | 'energyOf'> {
  readonly signed: (point: QuantisationPoint) => boolean;
  /** The scale of the integers that a layer or a pool computes with; undefined where it is chosen later. */
  readonly inputScaleOf: (point: QuantisationPoint) => number | undefined;
}

/** One set of decisions: what is observed, how scales follow from ranges, how integers follow from scales. */
export interface Recipe {
  readonly name: string;
  readonly plan: (
    graph: Graph,
    points: readonly QuantisationPoint[],
    observer: ObserverKind | undefined,
  ) => CalibrationPlan;
  /** The scale of a group, were it not for the constraints of the hardware. */
  readonly scale: (group: ScaleGroup, context: ScaleContext) => number;
  /** The smallest scale of at least `least` that the recipe allows. */
  readonly raise: (least: number, group: ScaleGroup) => number;
  readonly layer: (input: LayerInput) => LayerConstants;
  /**
   * Whether the operand of an addition has a scale of its own, and a layer that rescales it in front of the addition.
   * @param factor how many times coarser the scale of the addition is
   * @param feedsLayer whether layers read the operand as well
   */
  readonly rescales: (factor: number, feedsLayer: boolean) => boolean;
  /** Whether layers are quantised once more on what the integers in front of them are on calibration data. */
  readonly refines: (bits: Bits) => boolean;
  readonly pool: (area: number, inputScale: number, outputScale: number) => PoolConstants;
  readonly input: (affine: InputAffine | undefined, scale: number) => InputConstants;
}
