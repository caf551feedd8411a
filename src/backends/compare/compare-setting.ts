import { UserError } from '../../ir/diagnostics.js';
import type { Graph } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import type { SampleBatch } from '../../passes/calibration/samples.js';
import { prepare, type Observer } from '../../runtime/executor.js';
import type { InputSequence } from '../../runtime/vectors/input-sequence.js';
import type { OpenedModel } from '../run.js';
import { TINPU_KERNELS } from '../tinpu/dialect.js';
import { prepareForTinpu } from '../tinpu/prepare/prepare.js';
import type { ModelFacts } from './model-facts.js';
import { outputForms, type OutputForm } from './output-form.js';
import { pairTensors, type Pairing } from './pair-tensors.js';
import { qdqTensors } from './qdq-tensors.js';
import { quantisedFeeds, type IntegerFacts } from './quantised-feeds.js';
import type { QuantisedTensor } from './quantised-tensor.js';
import { tinpuTensors } from './tinpu-tensors.js';

export interface CompareSetting {
  readonly tensors: readonly QuantisedTensor[];
  readonly forms: readonly OutputForm[];
  readonly pairing: Pairing;
  readonly feedsOf: (batch: SampleBatch) => Map<string, Tensor>;
  /** Runs the float model; the observer sees the tensors of the graph that pairs are of. */
  readonly runFloat: (batch: SampleBatch, observe: Observer | undefined) => Map<string, Tensor>;
  /** The same for the quantised model, on inputs of its own. */
  readonly runQuantised: (feeds: ReadonlyMap<string, Tensor>, observe: Observer | undefined) => Map<string, Tensor>;
}

/**
 * Says which tensors of which graphs are compared, and how those run.
 * @throws UserError when the two models do not go together
 */
export function settleComparison(
  float: OpenedModel,
  quantised: OpenedModel,
  {
    facts,
    sequences,
  }: { readonly facts?: ModelFacts | undefined; readonly sequences?: readonly InputSequence[] | undefined },
): CompareSetting {
  refuseQuantised(float);
  const known = facts?.tensors ?? new Map<string, IntegerFacts>();
  const qdq = quantised.kind === 'qdq';
  const graph = qdq ? quantised.source : quantised.graph;
  const found = qdq ? qdqTensors(graph) : tinpuTensors(graph, known);
  const forms = outputForms(float.graph, graph, found, facts?.outputs ?? new Map<string, IntegerFacts>());
  // What is known of an output holds for the tensor behind it.
  const atOutputs = new Map(forms.flatMap(({ tensor }) => (tensor === undefined ? [] : [[tensor.value, tensor]])));
  const tensors = found.map((tensor) => atOutputs.get(tensor.value) ?? tensor);
  const canonical = found.length === 0 ? [] : [prepareForTinpu(float.source, undefined, { report: () => undefined })];
  const pairing = pairTensors([float.graph, ...canonical], tensors);
  const feedsOf = quantisedFeeds(float.graph.inputs, quantised.graph.inputs, { sequences, inputs: facts?.inputs });
  return {
    tensors,
    forms,
    pairing,
    feedsOf,
    runFloat: observed(float, pairing.graph),
    runQuantised: observed(quantised, graph),
  };
}

/** Runs a model; the tensors observed are those of `graph`, which may be another form of what the model runs. */
function observed(model: OpenedModel, graph: Graph): CompareSetting['runFloat'] {
  const other = graph === model.graph ? undefined : prepare(graph, TINPU_KERNELS);
  return (feeds, observe) => {
    if (observe === undefined) return model.run(feeds);
    if (other === undefined) return model.run(feeds, { observe });
    other.run(feeds, { observe });
    return model.run(feeds);
  };
}

function refuseQuantised({ kind }: OpenedModel): void {
  if (kind === 'float') return;
  throw new UserError({
    code: 'quantised-model',
    severity: 'error',
    message: 'the first model is quantised, a float model is compared with',
    hint: 'give the float model first: quantc compare <float.onnx> <quantised.onnx>',
  });
}
