import { isInteger } from '../../ir/dtype.js';
import type { Graph } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import type { SampleBatch } from '../../passes/calibration/samples.js';
import { prepare, type Observer } from '../../runtime/executor.js';
import type { InputSequence } from '../../runtime/vectors/input-sequence.js';
import type { IntegerPort } from '../retarget/stripped-model.js';
import { gridBits } from '../retarget/trained-grid.js';
import type { OpenedModel } from '../run.js';
import { TINPU_KERNELS } from '../tinpu/dialect.js';
import type { ModelFacts } from './model-facts.js';
import { outputForms, type OutputForm } from './output-form.js';
import { pairTensors, type Pairing } from './pair-tensors.js';
import { qdqTensors } from './qdq-tensors.js';
import { quantisedFeeds, type IntegerFacts } from './quantised-feeds.js';
import type { QuantisedTensor } from './quantised-tensor.js';
import { withoutQuantisation, type Reference } from './reference.js';
import { tinpuTensors } from './tinpu-tensors.js';

export interface CompareSetting {
  readonly tensors: readonly QuantisedTensor[];
  readonly forms: readonly OutputForm[];
  readonly pairing: Pairing;
  readonly feedsOf: (batch: SampleBatch) => Map<string, Tensor>;
  /** Runs the reference; the observer sees the tensors of the graph that pairs are of. */
  readonly runFloat: (batch: SampleBatch, observe: Observer | undefined) => Map<string, Tensor>;
  /** The same for the quantised model, on inputs of its own. */
  readonly runQuantised: (feeds: ReadonlyMap<string, Tensor>, observe: Observer | undefined) => Map<string, Tensor>;
}

/**
 * Says which tensors of which graphs are compared, and how those run.
 * @throws UserError when the two models do not go together
 */
export function settleComparison(
  reference: Reference,
  quantised: OpenedModel,
  {
    facts,
    sequences,
  }: { readonly facts?: ModelFacts | undefined; readonly sequences?: readonly InputSequence[] | undefined },
): CompareSetting {
  const known = facts?.tensors ?? new Map<string, IntegerFacts>();
  const qdq = quantised.kind === 'qdq';
  const graph = qdq ? quantised.source : quantised.graph;
  const found = qdq ? qdqTensors(graph) : tinpuTensors(graph, known);
  const forms = outputForms(reference.graph, graph, found, facts?.outputs ?? new Map<string, IntegerFacts>()).map(
    (form) => (reference.unscaled.has(form.name) ? withoutScale(form) : form),
  );
  // What is known of an output holds for the tensor behind it.
  const atOutputs = new Map(forms.flatMap(({ tensor }) => (tensor === undefined ? [] : [[tensor.value, tensor]])));
  const tensors = found.map((tensor) => atOutputs.get(tensor.value) ?? tensor);
  const graphs = found.length === 0 ? [] : reference.forms();
  const pairing = pairingOf(reference, graphs, tensors);
  const inputs = inputFacts(reference, quantised, facts);
  const feedsOf = quantisedFeeds(reference.graph.inputs, quantised.graph.inputs, { sequences, inputs });
  return {
    tensors,
    forms,
    pairing,
    feedsOf,
    runFloat: observed(reference, pairing.graph),
    runQuantised: observed(quantised, graph),
  };
}

/** An input that a quantised model takes in float may be normalised there before it is quantised, which its label hides. */
function pairingOf(reference: Reference, graphs: readonly Graph[], tensors: readonly QuantisedTensor[]): Pairing {
  if (graphs.length === 0) return { graph: reference.graph, pairs: [] };
  const { graph, pairs } = pairTensors(graphs, tensors);
  return { graph, pairs: reference.kind === 'float' ? pairs : pairs.filter(({ real }) => real.producer !== undefined) };
}

/** Integers that stand for themselves in one model say nothing of the scale in the other. */
const withoutScale = (form: OutputForm): OutputForm =>
  form.tensor === undefined
    ? form
    : { ...form, tensor: { ...form.tensor, grid: { ...form.tensor.grid, scale: undefined } } };

/** What integers a model takes, by name of the input: as it says, as it reads them, or as the reference takes them. */
function inputFacts(
  { inputs, graph }: Reference,
  quantised: OpenedModel,
  facts: ModelFacts | undefined,
): ReadonlyMap<string, IntegerFacts> {
  const integers = quantised.graph.inputs.some(({ type }) => isInteger(type.dtype));
  const own = integers && quantised.kind === 'qdq' ? withoutQuantisation(quantised.source)?.inputs : undefined;
  return new Map(
    quantised.graph.inputs.flatMap(({ name, type }, i): (readonly [string, IntegerFacts])[] => {
      const given = inputs.get(name) ?? inputs.get(graph.inputs[i]?.name ?? '');
      const port = own?.get(name) ?? (given?.dtype === type.dtype ? given : undefined);
      const told = facts?.inputs.get(name) ?? (port && portFacts(port));
      return told === undefined ? [] : [[name, told]];
    }),
  );
}

const portFacts = ({ grid }: IntegerPort): IntegerFacts => ({
  scale: grid.scale,
  zeroPoint: grid.zeroPoint,
  bits: gridBits(grid),
  signed: grid.lo < 0,
});

/** Runs a model; the tensors observed are those of `graph`, which may be another form of what the model runs. */
function observed(model: Pick<OpenedModel, 'graph' | 'run'>, graph: Graph): CompareSetting['runFloat'] {
  const other = graph === model.graph ? undefined : prepare(graph, TINPU_KERNELS);
  return (feeds, observe) => {
    if (observe === undefined) return model.run(feeds);
    if (other === undefined) return model.run(feeds, { observe });
    other.run(feeds, { observe });
    return model.run(feeds);
  };
}
