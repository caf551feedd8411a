import type { Diagnostic } from '../../ir/diagnostics.js';
import type { Graph, Quantisation, Value } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import type { SampleBatch } from '../../passes/calibration/samples.js';
import type { RequantisationSummary } from '../summary.js';
import type { Recipe } from './recipes/recipe.js';
import type { Measurement } from '../report/measure.js';
import type { QuantisationPoint } from './split/roles.js';

/** What a model that was quantised before brings along for its compilation. */
export interface Training {
  readonly recipe: Recipe;
  /** Brings the canonical float graph, in place, into a form that its scales fit better; the same function. */
  readonly prepare: (float: Graph) => void;
  readonly reference: (float: Graph) => TrainedGraph;
  /** What the quantised model itself computes, as real numbers by name of the output. */
  readonly run: (batch: SampleBatch) => ReadonlyMap<string, Tensor>;
  /** What became of the trained numbers, tensor by tensor. */
  readonly account: (compiled: CompiledTensors, report: (diagnostic: Diagnostic) => void) => RequantisationSummary[];
}

/** The float graph with the roundings of the quantised model, tensor by tensor under the same labels. */
export interface TrainedGraph {
  readonly graph: Graph;
  /** The tensor that stands for one of the float graph, rounded where that was. */
  readonly tensorOf: (value: Value) => Value | undefined;
}

/** The tensors of a compiled model. */
export interface CompiledTensors {
  readonly scales: ReadonlyMap<QuantisationPoint, Quantisation>;
  readonly measured: Measurement;
}
