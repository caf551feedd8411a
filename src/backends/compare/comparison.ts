import type { Advice, ErrorCause } from './advise.js';
import type { MetricName } from './choose-metric.js';
import type { EngineAgreement } from './engine-agreement.js';
import type { OutputAgreement } from './output-measure.js';

/** A quantised model beside its float model, on data. */
export interface ModelComparison {
  readonly samples: number;
  readonly outputs: readonly OutputComparison[];
  /** Undefined without labels. */
  readonly metric: MetricComparison | undefined;
  /** Samples that layers were compared on. */
  readonly layerSamples: number;
  /** The layer that does most damage first. */
  readonly layers: readonly LayerComparison[];
  readonly engines: readonly EngineAgreement[];
}

export interface OutputComparison extends OutputAgreement {
  readonly name: string;
  /** What one integer of it stands for; undefined for an output of real numbers that no integers are behind. */
  readonly scale: number | undefined;
  /** Whether the scale was found by fitting the integers to the float model. */
  readonly fitted: boolean;
}

export interface MetricComparison {
  readonly name: MetricName;
  /** The output that it is of. */
  readonly output: string;
  /** Null where it is not defined, as R² of labels that are all the same. */
  readonly float: number | null;
  readonly quantised: number | null;
  /** The same for the five largest results; null but for accuracy of more than five classes. */
  readonly floatTop5: number | null;
  readonly quantisedTop5: number | null;
}

/** One layer: what lies between two tensors that both models have. */
export interface LayerComparison {
  readonly name: string;
  /** Label of its result. */
  readonly tensor: string;
  /** Names of its nodes in the float model. */
  readonly source: readonly string[];
  /** Of its result; Infinity without any difference. */
  readonly sqnrDb: number;
  readonly cosine: number;
  readonly maxAbsDiff: number;
  /** Of what the float layer would make of the integers that it reads; Infinity where those are exact. */
  readonly inheritedSqnrDb: number;
  /** The part of its noise-to-signal ratio that it adds to what it inherits; negative where its rounding makes up for errors in front. */
  readonly damage: number;
  /** Shares of its own error; undefined where it has none. */
  readonly parts: { readonly weights: number; readonly rounding: number; readonly saturation: number } | undefined;
  readonly cause: ErrorCause | undefined;
  /** Share of its elements beyond the range of its integers. */
  readonly saturatedFraction: number;
  readonly scale: number;
  readonly fitted: boolean;
  readonly activationBits: number;
  readonly weightBits: number | undefined;
  /** Undefined where no option helps noticeably. */
  readonly advice: Advice | undefined;
}
