import { InternalError, type Diagnostic } from '../ir/diagnostics.js';
import { opName, valuesOf, type Graph, type Node, type Value } from '../ir/graph.js';
import { importModel, type ImportOptions, type ModelMetadata } from '../ir/onnx/import.js';
import { formatShape, sameShape } from '../ir/shape.js';
import type { Tensor } from '../ir/tensor.js';
import { joinRows, rowsOf } from '../passes/calibration/rebatch.js';
import type { SampleSource } from '../passes/calibration/samples.js';
import { prepare, type RunOptions } from '../runtime/executor.js';
import { ExecutionFault, type KernelTable } from '../runtime/kernel.js';
import { AFFINE_KERNELS } from './affine/dialect.js';
import { isQuantisedModel } from './quantised-model.js';
import { liftAffine } from './affine/lift/lift.js';
import { TINPU_KERNELS } from './tinpu/dialect.js';
import { readQuantcMetadata } from './quantc-metadata.js';
import { liftCarrier, type LiftOptions } from './tinpu/lift/lift.js';
import { inexactLayers } from './tinpu/report/inexact-layers.js';

/**
 * `float`: computes in floats. `tinpu`: integer arithmetic of the NPU, in float32 tensors or in the quantised dialect.
 * `qdq`: integers with zero points and free scales, as QuantizeLinear and DequantizeLinear or operators on quantised
 * tensors state them. `integer`: integers that RequantShift requantises, with multipliers that the NPU does not have.
 */
export type ModelKind = 'float' | 'tinpu' | 'qdq' | 'integer';

/** A model ready to run. */
export interface OpenedModel {
  readonly kind: ModelKind;
  /** What runs: the model as it is, or the integers that were recognised in it. */
  readonly graph: Graph;
  /** The model as it is. */
  readonly source: Graph;
  /** Undefined for a model that was given as a graph. */
  readonly metadata: ModelMetadata | undefined;
  /** Warnings and remarks of the import. */
  readonly diagnostics: readonly Diagnostic[];
  /**
   * @param feeds tensors by name of the input
   * @returns tensors by name of the output, of the element types that the model declares
   * @throws ExecutionFault when feeds do not fit the inputs
   */
  readonly run: (feeds: ReadonlyMap<string, Tensor>, options?: RunOptions) => Map<string, Tensor>;
}

/**
 * Makes a model ready to run: an ONNX file, a graph in the float ONNX dialect or one in the quantised dialect. Where a
 * float32-carrier graph holds the integer arithmetic of the NPU, or a graph with QuantizeLinear and DequantizeLinear
 * states integer arithmetic, it is that arithmetic that runs, in integers; the rest runs in float.
 * @throws UserError with every problem of the file
 */
export function openModel(model: Uint8Array | Graph, options: ImportOptions = {}): OpenedModel {
  const imported = model instanceof Uint8Array ? importModel(model, options) : undefined;
  const source = imported?.graph ?? (model as Graph);
  const diagnostics = [...(imported?.diagnostics ?? [])];
  const own = imported !== undefined && readQuantcMetadata(imported.metadata.metadataProps) !== undefined;
  const graph = quantisedForm(source, { restates: !own }, (diagnostic) => diagnostics.push(diagnostic));
  const kind = kindOf(graph);
  const program = prepare(graph, kernelsOf(graph));
  return {
    kind,
    graph,
    source,
    metadata: imported?.metadata,
    diagnostics: [...diagnostics, ...(graph === source ? [] : inexactLayers(graph))],
    run: (feeds, runOptions) => program.run(feeds, runOptions),
  };
}

/** A q.Dequantize alone is no more than an image scaled to floats; a q.RequantShift may stand in a file. */
const isQuantised = (node: Node): boolean =>
  node.domain === 'q' && node.op !== 'Dequantize' && node.op !== 'RequantShift';

const hasAffine = (graph: Graph): boolean =>
  isQuantisedModel(graph) || graph.nodes.some(({ domain }) => domain === 'qa');

/** Lifts what can be lifted to tell. */
export function modelKind(source: Graph): ModelKind {
  return kindOf(quantisedForm(source));
}

function quantisedForm(source: Graph, options?: LiftOptions, report?: (diagnostic: Diagnostic) => void): Graph {
  if (source.nodes.some(isQuantised)) return source;
  const lifted = liftCarrier(source, options);
  if (lifted.nodes.some(isQuantised)) return lifted;
  if (hasAffine(source)) return liftAffine(source, undefined, report);
  return lifted.nodes.some(({ domain }) => domain === 'q') ? lifted : source;
}

function kindOf(graph: Graph): ModelKind {
  if (graph.nodes.some((node) => opName(node) === 'q.RequantShift')) return 'integer';
  if (graph.nodes.some(isQuantised)) return 'tinpu';
  return hasAffine(graph) ? 'qdq' : 'float';
}

/** Kernels of the dialect that a graph is in; those of ai.onnx are among them. */
export const kernelsOf = (graph: Graph): KernelTable => (kindOf(graph) === 'qdq' ? AFFINE_KERNELS : TINPU_KERNELS);

/** How samples are run, and what is kept. */
export interface RunSamplesOptions {
  /** Samples in a batch, for a model that takes any number; 16. */
  readonly batchSize?: number | undefined;
  /** Collect every tensor of the model by its label, besides the outputs. */
  readonly intermediates?: boolean | undefined;
  /** Called after each batch with the number of samples done. */
  readonly progress?: ((samples: number) => void) | undefined;
}

/** What a model computes on samples, joined. */
export interface SampleResults {
  readonly samples: number;
  /** By name of the output. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** By label, inputs included; empty unless asked for. */
  readonly intermediates: ReadonlyMap<string, Tensor>;
}

/**
 * Runs a model on samples, in batches that it takes. Results whose axis 0 is the batch are joined along it; of a model of
 * fixed batch, any other result gets a new axis 0 with one entry a batch. A model that takes any batch but has results
 * without a batch axis runs on all samples at once.
 */
export async function runSamples(
  model: Pick<OpenedModel, 'graph' | 'source' | 'run'>,
  samples: SampleSource,
  options: RunSamplesOptions = {},
): Promise<SampleResults> {
  const { fixedBatch } = samples;
  const outputs = new Joiner(fixedBatch);
  const intermediates = new Joiner(fixedBatch);
  const labels = new Set<string>();
  if (options.intermediates === true) {
    for (const { name, constant } of valuesOf(model.source)) if (constant === undefined) labels.add(name);
  }
  const observed = [...valuesOf(model.graph)].filter(({ name }) => labels.has(name));
  const divisible = [...model.graph.outputs.map(({ value }) => value), ...observed].every((value) =>
    hasBatchAxis(value, model.graph),
  );
  const size = divisible ? (options.batchSize ?? 16) : (samples.count ?? Number.MAX_SAFE_INTEGER);
  let seen = 0;
  for await (const batch of samples.batches(size)) {
    const results = model.run(batch, {
      observe: (value, tensor) => {
        if (labels.has(value.name)) intermediates.add(value.name, tensor.copy());
        return undefined;
      },
    });
    for (const [name, tensor] of results) outputs.add(name, tensor);
    seen += rowsOf(batch);
    options.progress?.(seen);
  }
  return { samples: seen, outputs: outputs.tensors(), intermediates: intermediates.tensors() };
}

/** Whether the size of axis 0 is the symbol that an input gives to its batch. */
function hasBatchAxis({ type: { shape } }: Value, { inputs }: Graph): boolean {
  const [batch] = shape;
  return typeof batch === 'string' && inputs.some(({ type }) => type.shape[0] === batch);
}

/** Puts the results of batches together, tensor by tensor. */
class Joiner {
  readonly #fixedBatch: number | undefined;
  readonly #parts = new Map<string, Tensor[]>();

  constructor(fixedBatch: number | undefined) {
    this.#fixedBatch = fixedBatch;
  }

  add(name: string, tensor: Tensor): void {
    const parts = this.#parts.get(name);
    if (parts === undefined) this.#parts.set(name, [tensor]);
    else parts.push(tensor);
  }

  tensors(): Map<string, Tensor> {
    return new Map([...this.#parts].map(([name, parts]) => [name, this.#join(name, parts)]));
  }

  /** @throws ExecutionFault when the results of batches differ in more than axis 0 */
  #join(name: string, parts: readonly Tensor[]): Tensor {
    const [first, ...others] = parts;
    if (first === undefined) throw new InternalError(`'${name}' has no results to join`);
    const batched = first.rank > 0 && (this.#fixedBatch === undefined || first.dims[0] === this.#fixedBatch);
    if (others.length === 0 && (batched || this.#fixedBatch === undefined)) return first;
    const row = batched ? 1 : 0;
    const odd = others.find(({ dims }) => !sameShape(dims.slice(row), first.dims.slice(row)));
    if (odd !== undefined) {
      const shapes = [first, odd].map(({ dims }) => formatShape(dims)).join(' and ');
      throw new ExecutionFault(`'${name}' has another shape in other batches: ${shapes}; run the samples one by one`);
    }
    return joinRows(first.dtype, batched ? parts : parts.map((part) => part.reshape([1, ...part.dims])));
  }
}
