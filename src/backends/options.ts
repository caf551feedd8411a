import type { Diagnostic } from '../ir/diagnostics.js';
import type { Graph, Value } from '../ir/graph.js';
import type { ImportedModel } from '../ir/onnx/import.js';
import type { ObserverKind } from '../passes/calibration/observers/index.js';
import type { SampleSource } from '../passes/calibration/samples.js';
import type { SurgeryEntry } from '../passes/surgery/entry.js';
import type { Trace } from '../passes/trace.js';
import type { BackendName, Target } from './targets.js';
import type { Summary } from './summary.js';
import type { WidthOptions } from './split/widths.js';

/** Stages of a compilation, as progress and timings name them. */
export type Stage = 'import' | 'canonicalise' | 'calibrate' | 'lower' | 'emit' | 'check';

/** Everything that decides what is made of a model (spec 4.1). */
export interface CompileOptions extends WidthOptions {
  readonly target: Target;
  readonly backend: BackendName;
  /** Name of the model's file, for diagnostics and the summary. */
  readonly model: string;
  /** `torchmodelopt`, or `quantc`, the default. */
  readonly recipe?: string | undefined;
  /** The recipe's own when omitted. */
  readonly observer?: ObserverKind | undefined;
  /** What graph outputs deliver: integers (the default) or real numbers. */
  readonly output?: 'int' | 'float' | undefined;
  /** Placement rules: the tighter table (the default) or the looser one. */
  readonly rules?: 'strict' | 'relaxed' | undefined;
  /** Bring more layers to the NPU by equal forms of them, each reported (spec 3.3). */
  readonly legalise?: boolean | undefined;
  /** Activations to replace before anything else (spec 3.1, C16), each with a warning; none when omitted. */
  readonly surgery?: readonly SurgeryEntry[] | undefined;
  /** Samples an observer sees at once, 16. */
  readonly calibrationBatch?: number | undefined;
  /** The share of the error of each channel's mean that its bias takes away: 0 (off, the default) to 1. */
  readonly biasCalibration?: number | undefined;
  /** Calibration data for the model's inputs; seeded random numbers, with a warning, when omitted. */
  readonly samples?: ((inputs: readonly Value[]) => SampleSource | Promise<SampleSource>) | undefined;
  /** Check the graph's invariants after every pass. */
  readonly verify?: boolean | undefined;
  readonly trace?: Trace | undefined;
  /** Called whenever a stage has come further; `total` is undefined where it is not known. */
  readonly progress?: ((stage: Stage, done: number, total: number | undefined) => void) | undefined;
  /** Milliseconds of a clock; timings are left out without one. */
  readonly now?: (() => number) | undefined;
}

/** What a backend is given: the model as read and the bytes it came from. */
export interface CompileInput {
  readonly bytes: Uint8Array;
  readonly imported: ImportedModel;
}

/** A compiled model: as bytes, as graphs, and what is to be said of it. */
export interface CompileResult {
  /** The quantised model, ready to be written. */
  readonly bytes: Uint8Array;
  readonly summary: Summary;
  /** The float graph in canonical form. */
  readonly float: Graph;
  /** The graph in the quantised dialect. */
  readonly quantised: Graph;
  readonly diagnostics: readonly Diagnostic[];
}
