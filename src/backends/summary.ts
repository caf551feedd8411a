import type { Severity } from '../ir/diagnostics.js';

/** The JSON summary of spec 4.3. Numbers are finite; what is infinite or not a number is null. */
export interface Summary {
  readonly version: string;
  readonly model: string;
  readonly target: string;
  readonly backend: string;
  readonly recipe: string;
  readonly output: string;
  readonly inputs: readonly TensorSummary[];
  readonly outputs: readonly TensorSummary[];
  readonly layers: readonly LayerSummary[];
  readonly activations: readonly ActivationSummary[];
  readonly islands: readonly IslandSummary[];
  readonly totals: TotalsSummary;
  readonly estimate: EstimateSummary;
  readonly memory: MemorySummary;
  readonly accuracy: AccuracySummary | null;
  /** What became of the numbers that a quantised model was trained with; missing for a float model. */
  readonly requantisation?: readonly RequantisationSummary[];
  readonly diagnostics: readonly DiagnosticSummary[];
  readonly seconds: Readonly<Record<string, number>>;
}

/** An input or output: its integers stand for scale × integer. A tensor that stays float has 32 bits and scale 1. */
export interface TensorSummary {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: number;
  readonly signed: boolean;
}

/** One layer: where it lands and why, its bytes, scales and accuracy (spec 4.3). */
export interface LayerSummary {
  readonly name: string;
  /** Names of the source nodes fused into the layer. */
  readonly source: readonly string[];
  readonly op: string;
  readonly pattern: string | null;
  readonly placement: 'npu' | 'cpu';
  readonly reason: string;
  readonly outputShape: readonly (number | string)[];
  /** Multiply-accumulates for one sample. */
  readonly macs: number;
  /**
   * What it does for one sample, for the estimate of time: its multiply-accumulates, or where it has none the elements
   * that it compares, adds, moves or computes.
   */
  readonly operations: number;
  /** The float island that it belongs to, as `islands` counts them. */
  readonly island: number | null;
  readonly weightBits: number | null;
  readonly weightCount: number;
  readonly bytes: { readonly weights: number; readonly bias: number; readonly scale: number; readonly shift: number };
  readonly weightScale: readonly number[];
  readonly inputScale: number | null;
  /** The integer that stands for 0; 0 in the NPU's arithmetic. */
  readonly inputZeroPoint: number | null;
  readonly outputScale: number | null;
  readonly outputZeroPoint: number | null;
  readonly shift: readonly number[];
  readonly accumulator: { readonly min: number; readonly max: number } | null;
  /** Largest magnitude any intermediate of the layer can reach; exact in float32 up to 2^24. */
  readonly bound: number | null;
  readonly exactInFloat32: boolean | null;
  readonly sqnrDb: number | null;
}

/** One tensor of integers: its calibrated range, and its scale (spec 4.3). */
export interface ActivationSummary {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: number;
  readonly signed: boolean;
  /** Share of the calibration values that lie outside what the integers can express. */
  readonly saturatedFraction: number | null;
}

/** Operators on real numbers between the integers, which run on the CPU. */
export interface IslandSummary {
  /** From 1. */
  readonly number: number;
  readonly operators: readonly string[];
  /** Tensors that are dequantised in front of it or quantised behind it. */
  readonly boundaries: number;
}

/** Work of all layers for one sample. */
export interface TotalsSummary {
  readonly macs: number;
  readonly npuMacs: number;
  /** npuMacs / macs; null without any. */
  readonly npuShare: number | null;
}

/** A first estimate of the time of one inference. */
export interface EstimateSummary {
  /** Null for targets that no measurement can be carried over to. */
  readonly cycles: number | null;
  /** Null where the clock is not known either. */
  readonly milliseconds: number | null;
  /** What the figures rest on. */
  readonly basis: string;
}

/** Bytes of constants, and of activations for one sample at the moment that most are alive. */
export interface MemorySummary {
  /** Constants as the device stores them: weights packed at their width, biases in 2 or 3 bytes, scales and shifts in 1. */
  readonly weightBytes: number;
  readonly floatWeightBytes: number;
  /** Integers of up to 8 bits take one byte each. */
  readonly peakActivationBytes: number;
  /** The same for the float model, 4 bytes each. */
  readonly floatPeakActivationBytes: number;
}

/** Agreement with the model that was given, float or quantised, on the calibration data. */
export interface AccuracySummary {
  readonly samples: number;
  readonly sqnrDb: number | null;
  readonly maxAbsDiff: number | null;
  /** Share of samples with the same largest output; null where the output is no list of at least two. */
  readonly top1Agreement: number | null;
}

/** What became of one tensor of a quantised model, and of the weights of the layer that computes it. */
export interface RequantisationSummary {
  /** The layer that computes it, or the input. */
  readonly layer: string;
  readonly tensor: string;
  /** How the model quantised the tensor; null where it did not. */
  readonly trained: { readonly scale: number; readonly zeroPoint: number; readonly bits: number } | null;
  /** What is added to the model's real numbers, and taken away behind them, so that a zero point becomes 0; mostly 0. */
  readonly offset: number;
  /** Why a zero point that another one stands for cannot be folded into biases; null where that is not asked for. */
  readonly obstacle: string | null;
  /** The scale and width of the integers that stand for it now. */
  readonly scale: number;
  readonly bits: number;
  readonly signed: boolean;
  /** Loss of the tensor's resolution, 20 · log10 of the ratio of the scales; null without a trained scale. */
  readonly resolutionLossDb: number | null;
  readonly weights: RequantisedWeights | null;
  /** The tensor's expected difference from the quantised model's, against the rounding of that alone; null where unknown. */
  readonly expectedCostDb: number | null;
  /** SQNR against the quantised model on the samples. */
  readonly measuredSqnrDb: number | null;
}

/** Weights of a layer that the model had as integers. */
export interface RequantisedWeights {
  readonly channels: number;
  /** Channels that keep their integers. */
  readonly kept: number;
  readonly bits: number;
  /** Scales of each channel; null in `trained` where the layer's weights are no such integers. */
  readonly trainedScale: readonly (number | null)[];
  readonly scale: readonly number[];
  /** Signal-to-noise ratio of the new weights against the trained ones; null where they are equal. */
  readonly sqnrDb: number | null;
}

/** A diagnostic as the summary holds it (spec 4.3). */
export interface DiagnosticSummary {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly node: string | null;
  readonly hint: string | null;
}
