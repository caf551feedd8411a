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
  readonly memory: MemorySummary;
  readonly accuracy: AccuracySummary | null;
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
  readonly weightBits: number | null;
  readonly weightCount: number;
  readonly bytes: { readonly weights: number; readonly bias: number; readonly scale: number; readonly shift: number };
  readonly weightScale: readonly number[];
  readonly inputScale: number | null;
  readonly outputScale: number | null;
  readonly shift: readonly number[];
  readonly accumulator: { readonly min: number; readonly max: number } | null;
  /** Largest magnitude any intermediate of the layer can reach; exact in float32 up to 2^24. */
  readonly bound: number | null;
  readonly exactInFloat32: boolean | null;
  readonly sqnrDb: number | null;
}

export interface ActivationSummary {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly scale: number;
  readonly bits: number;
  readonly signed: boolean;
  /** Share of the calibration values that lie outside what the integers can express. */
  readonly saturatedFraction: number | null;
}

export interface MemorySummary {
  readonly weightBytes: number;
  readonly floatWeightBytes: number;
  readonly peakActivationBytes: number;
}

/** Agreement with the float model on the calibration data. */
export interface AccuracySummary {
  readonly samples: number;
  readonly sqnrDb: number | null;
  readonly maxAbsDiff: number | null;
  /** Share of samples with the same largest output; null where the output is no list of at least two. */
  readonly top1Agreement: number | null;
}

export interface DiagnosticSummary {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly node: string | null;
  readonly hint: string | null;
}
