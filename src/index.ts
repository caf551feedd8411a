/**
 * quantc as a library: read a model, rewrite it, calibrate it, lower it to the integers of a target, run it, write it.
 * Nothing here touches files or the process: the same modules run in Node and in a browser.
 */

// Graphs: read them as data; change them through a GraphEditor, or with rules.
export {
  constantsOf,
  isConstant,
  isGraphOutput,
  opName,
  soleUser,
  valuesOf,
  type ConstantValue,
  type Graph,
  type Node,
  type Origin,
  type Output,
  type Quantisation,
  type Use,
  type Value,
  type ValueType,
} from './ir/graph.js';
export { GraphEditor, type GraphEvent, type NodeSpec, type ResultSpec } from './ir/editor.js';
export { cloneGraph, type Clone } from './ir/clone.js';
export {
  AttributeError,
  Attributes,
  type Attribute,
  type AttributeInput,
  type AttributeKind,
} from './ir/attributes.js';
export { formatShape, type Dim, type Shape } from './ir/shape.js';
export type { DType, NumberArray, TypedArray } from './ir/dtype.js';
export { numberData, Tensor, tensorsEqual } from './ir/tensor.js';
export { verifyGraph, type Violation } from './ir/verify.js';

// Graphs as text: the form in which rules are tested.
export { parseGraph } from './ir/text/parse.js';
export { printGraph, printNode } from './ir/text/print.js';

// Diagnostics: what the user should know.
export {
  formatLocation,
  InternalError,
  UserError,
  type Diagnostic,
  type Location,
  type Severity,
} from './ir/diagnostics.js';

// Operators: what a node may look like and what follows for its results.
export { OPERATORS } from './ir/ops/index.js';
export {
  operator,
  OperatorFault,
  type AttributeSpec,
  type InferenceCall,
  type InputFacts,
  type Operator,
  type ResultFacts,
} from './ir/ops/operator.js';
export { operatorTable, type OperatorTable } from './ir/ops/table.js';

// ONNX files: bytes to a graph, a graph to bytes.
export {
  importModel,
  type ImportedModel,
  type ImportOptions,
  type ModelMetadata,
  type Normalisation,
} from './ir/onnx/import.js';
export { exportModel, type ExportOptions } from './ir/onnx/export.js';
export type { ResolveExternal } from './ir/onnx/external-data.js';

// Rules: a pattern, a check, a rewrite.
export {
  any,
  constant,
  either,
  maybe,
  op,
  type Match,
  type Mismatch,
  type NodeOptions,
  type NodePattern,
  type Pattern,
} from './passes/pattern.js';
export {
  decline,
  rule,
  type Builder,
  type Decline,
  type Replacement,
  type ResultOptions,
  type Rule,
  type RuleOutcome,
  type RuleSpec,
} from './passes/rule.js';
export { applyRules, type RewriteOptions, type RewriteSummary } from './passes/driver.js';
export { Trace, type Application, type NearMiss } from './passes/trace.js';

// Passes: what transforms a whole graph, and lists of those.
export { rewrites, runPipeline, type Pass, type PassContext, type Pipeline, type Step } from './passes/pass.js';
export { canonicalise, type CanonicaliseOptions } from './passes/pipelines/canonicalise.js';
export { surgery } from './passes/surgery/surgery.js';
export type { SurgeryEntry } from './passes/surgery/entry.js';
export { replaceOperator, type ReplacementBuilder } from './passes/surgery/replace-operator.js';
export { findSurgery, SURGERY } from './passes/surgery/table.js';
export { foldConstants, type FoldConstantsOptions } from './passes/fold-constants.js';
export { removeDeadCode } from './passes/remove-dead-code.js';

// Calibration: data, and the observers that turn them into ranges.
export { concatSamples, type SampleBatch, type SampleInput, type SampleSource } from './passes/calibration/samples.js';
export { streamSamples, tensorSamples, type FitOptions, type SampleItem } from './passes/calibration/fit-samples.js';
export { syntheticSamples, type SyntheticOptions } from './passes/calibration/synthetic.js';
export {
  makeObserver,
  OBSERVER_KINDS,
  type ObserverKind,
  type ObserverOptions,
} from './passes/calibration/observers/index.js';
export {
  NonFiniteError,
  NothingObservedError,
  type Observer,
  type Range,
} from './passes/calibration/observers/observer.js';
export type { CalibrationData } from './backends/calibration-data.js';
export { observeRanges, type ObserveRangesOptions } from './backends/observe-ranges.js';

// Execution: of float graphs, and of integers, exactly.
export { prepare, type Observer as ValueObserver, type Program, type RunOptions } from './runtime/executor.js';
export { ExecutionFault, type Arena, type Kernel, type KernelTable } from './runtime/kernel.js';
export { FLOAT_KERNELS } from './runtime/float/index.js';
export { Agreement } from './runtime/agreement.js';
export {
  modelKind,
  openModel,
  runSamples,
  type ModelKind,
  type OpenedModel,
  type RunSamplesOptions,
  type SampleResults,
} from './backends/run.js';

// Files of numbers: .npy, .npz and CSV.
export { decodeNpy, encodeNpy } from './runtime/formats/npy.js';
export { decodeNpz, encodeNpz, type NpzOptions } from './runtime/formats/npz.js';
export type { ZipWriteOptions } from './runtime/formats/zip-writer.js';
export { decodeCsv } from './runtime/formats/csv.js';
export type { SourceName } from './runtime/formats/format-fault.js';

// Golden vectors: reading, comparing and writing them.
export { readVectors, type ReadVectorsOptions, type VectorFile } from './runtime/vectors/read-vectors.js';
export type { VectorArray, VectorRole, Vectors, VectorSet } from './runtime/vectors/vector-set.js';
export {
  applyInputSequence,
  type ClipRange,
  type InputSequence,
  type SequenceRounding,
} from './runtime/vectors/input-sequence.js';
export { bindVectors, type BindOptions } from './backends/verify/bind-vectors.js';
export type { NamedGraphs } from './backends/verify/model-names.js';
export type { BoundVector, ExpectedKind, ExpectedTensor } from './backends/verify/bound-vector.js';
export type { OutputScale } from './backends/verify/explain-scale.js';
export type { Explanation } from './backends/verify/explain-vector.js';
export type { Cause } from './backends/verify/hypotheses.js';
export type { TensorVerdict } from './backends/verify/judge-vector.js';
export { verifyVectors, type VectorVerdict, type VerifyOptions } from './backends/verify/verify-vectors.js';
export { compareElements, type Comparison, type Difference } from './runtime/comparison/compare-tensors.js';
export { patternsOf, type DifferencePattern } from './runtime/comparison/patterns.js';
export {
  inputSequencesOf,
  recordVectors,
  type RecordedVectors,
  type RecordOptions,
} from './backends/verify/record-vectors.js';
export type { GoldenVector, NamedTensor } from './runtime/vectors/golden-vector.js';
export { writeCVectors, writeSequenceHeader } from './runtime/vectors/write-c.js';
export { writeJsonVectors } from './runtime/vectors/write-json.js';
export { writeNpzVectors } from './runtime/vectors/write-npz.js';

// A quantised model beside its float model, on data.
export { compareModels, type CompareOptions } from './backends/compare/compare-models.js';
export type {
  LayerComparison,
  MetricComparison,
  ModelComparison,
  OutputComparison,
} from './backends/compare/comparison.js';
export type { Advice, ErrorCause } from './backends/compare/advise.js';
export { METRICS, type MetricName } from './backends/compare/choose-metric.js';
export type { Engine, EngineAgreement } from './backends/compare/engine-agreement.js';
export type { ModelFacts } from './backends/compare/model-facts.js';
export type { OutputAgreement } from './backends/compare/output-measure.js';
export { comparisonInputs, type IntegerFacts } from './backends/compare/quantised-feeds.js';

// Compilation: a float model to the integers of a target.
export { compileModel, type CompileModelOptions } from './backends/compile-model.js';
export { compile } from './backends/compile.js';
export type { CompileInput, CompileOptions, CompileResult, Stage } from './backends/options.js';
export type { Bits } from './backends/quantisation.js';
export type { LayerBits, WidthOptions } from './backends/split/widths.js';
export { findTarget, TARGETS, type Accelerator, type BackendName, type Target } from './backends/targets.js';
export type {
  AccuracySummary,
  ActivationSummary,
  DiagnosticSummary,
  EstimateSummary,
  IslandSummary,
  LayerSummary,
  MemorySummary,
  Summary,
  TensorSummary,
  TotalsSummary,
  RequantisationSummary,
  RequantisedWeights,
} from './backends/summary.js';
export { liftCarrier } from './backends/tinpu/lift/lift.js';
export { TINPU_KERNELS, TINPU_OPERATORS } from './backends/tinpu/dialect.js';
export { VERSION } from './backends/version.js';
