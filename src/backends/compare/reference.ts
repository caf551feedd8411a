import { UserError } from '../../ir/diagnostics.js';
import type { Graph } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import { fakeQuantised } from '../retarget/fake-quantised.js';
import { integerTensors } from '../retarget/ports.js';
import { stripQuantisation } from '../retarget/strip-quantisation.js';
import type { IntegerPort, StrippedModel } from '../retarget/stripped-model.js';
import type { ModelKind, OpenedModel } from '../run.js';
import { prepareForTinpu } from '../tinpu/prepare/prepare.js';
import type { Grid } from './grid.js';
import type { ModelFacts } from './model-facts.js';
import { outputForms, realOf, type OutputForm } from './output-form.js';
import { qdqTensors } from './qdq-tensors.js';
import { tinpuTensors } from './tinpu-tensors.js';

/** The model that another one is compared with, in real numbers: a float model, or a quantised one as it is executed. */
export interface Reference {
  readonly kind: ModelKind;
  /** Its inputs and outputs; inputs of integers with known scales are the real numbers that those stand for. */
  readonly graph: Graph;
  /** Graphs whose tensors are what the model has at their labels, the model's own first; none where only outputs are known. */
  readonly forms: () => readonly Graph[];
  /** Integers that it takes, by name of the input. */
  readonly inputs: ReadonlyMap<string, IntegerPort>;
  /** Outputs whose integers have no scale that is known: they stand for themselves. */
  readonly unscaled: ReadonlySet<string>;
  /** Real numbers by name of the input, to real numbers by name of the output. */
  readonly run: OpenedModel['run'];
}

/** @param facts what the model says of its tensors */
export function referenceOf(model: OpenedModel, facts: ModelFacts | undefined): Reference {
  const { kind, graph, source } = model;
  const report = (): undefined => undefined;
  if (kind === 'float') {
    return {
      kind,
      graph,
      forms: () => [graph, prepareForTinpu(source, undefined, { report })],
      inputs: new Map(),
      unscaled: new Set(),
      run: model.run,
    };
  }
  const own = kind === 'qdq' ? source : graph;
  const tensors = kind === 'qdq' ? qdqTensors(own) : tinpuTensors(own, facts?.tensors ?? new Map());
  const outputs = outputForms(own, own, tensors, facts?.outputs ?? new Map());
  const stripped = kind === 'qdq' ? withoutQuantisation(source) : undefined;
  const inputs = stripped?.inputs ?? new Map<string, IntegerPort>();
  return {
    kind,
    graph: stripped?.graph ?? own,
    forms: () =>
      stripped === undefined
        ? []
        : [fakeQuantised(prepareForTinpu(stripped.graph, undefined, { report }), stripped.grids).graph],
    inputs,
    unscaled: new Set(outputs.flatMap((form) => (isUnscaled(form) ? [form.name] : []))),
    run: (feeds, options) => realOutputs(model.run(integerTensors(feeds, inputs), options), outputs),
  };
}

const isUnscaled = ({ delivers, tensor }: OutputForm): boolean =>
  delivers === 'integers' && tensor?.grid.scale === undefined;

/** Undefined for a model whose quantisation cannot be taken out. */
export function withoutQuantisation(source: Graph): StrippedModel | undefined {
  try {
    return stripQuantisation(source, { report: () => undefined, file: '' });
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function realOutputs(results: ReadonlyMap<string, Tensor>, outputs: readonly OutputForm[]): Map<string, Tensor> {
  return new Map(
    outputs.flatMap((form) => {
      const tensor = results.get(form.name);
      return tensor === undefined ? [] : [[form.name, realTensor(tensor, form)] as const];
    }),
  );
}

function realTensor(tensor: Tensor, form: OutputForm): Tensor {
  const scale = form.tensor?.grid.scale;
  const grid: Grid | undefined = form.tensor && scale !== undefined ? { ...form.tensor.grid, scale } : undefined;
  const data = numberData(tensor);
  if (form.delivers === 'reals' || grid === undefined || data === undefined) return tensor;
  return new Tensor('float64', tensor.dims, Float64Array.from(data, realOf(form, grid)));
}
