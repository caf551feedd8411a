import type { NumberArray } from '../../../ir/dtype.js';
import { valuesOf, type Graph, type Quantisation } from '../../../ir/graph.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import { rowsOf } from '../../../passes/calibration/rebatch.js';
import type { SampleBatch, SampleSource } from '../../../passes/calibration/samples.js';
import { Agreement, argmax } from '../../../runtime/agreement.js';
import { prepare } from '../../../runtime/executor.js';
import type { KernelTable } from '../../../runtime/kernel.js';
import { integersOf } from '../../quantisation.js';
import type { AccuracySummary } from '../../summary.js';

/** How well one tensor's integers stand for the float tensor of the same label. */
export interface TensorAgreement {
  readonly sqnrDb: number;
  readonly saturatedFraction: number;
}

export interface Measurement {
  readonly accuracy: AccuracySummary;
  /** By label of the tensor. */
  readonly tensors: ReadonlyMap<string, TensorAgreement>;
}

export interface MeasureOptions {
  readonly kernels: KernelTable;
  readonly batchSize: number;
  /** Samples after which to stop; the batch that reaches it is finished. */
  readonly limit: number;
  /** Given every tensor of the quantised graph, by label, for the first batches up to `checked` samples. */
  readonly check: (batch: SampleBatch, tensors: ReadonlyMap<string, Tensor>) => void;
  readonly checked: number;
  /** What outputs are compared with, as real numbers by name; the float graph's own by default. */
  readonly expected?: ((batch: SampleBatch) => ReadonlyMap<string, Tensor>) | undefined;
}

/** Runs float and quantised graph side by side, batch by batch, and compares tensors of equal label. */
export async function measure(
  float: Graph,
  quantised: Graph,
  samples: SampleSource,
  { kernels, batchSize, limit, check, checked, expected: expect }: MeasureOptions,
): Promise<Measurement> {
  const reference = prepare(float, kernels);
  const approximation = prepare(quantised, kernels);
  const measures = new Map<string, TensorMeasure>();
  for (const { name, type, producer } of valuesOf(quantised)) {
    const grid = type.quantisation;
    if (grid !== undefined) measures.set(name, new TensorMeasure(grid, grid.scale));
    // Real numbers at an output bear the label of the float tensor; the integers they are computed from do not.
    const dequantised =
      producer?.domain === 'q' && producer.op === 'Dequantize' && producer.inputs[0]?.type.quantisation;
    if (dequantised) measures.set(name, new TensorMeasure(dequantised, 1));
  }
  const outputs = new OutputMeasure(quantised);
  let seen = 0;
  for await (const batch of samples.batches(batchSize)) {
    const floats = new Map<string, Float32Array>();
    const expected = reference.run(batch, {
      observe: ({ name, producer }, tensor) => {
        const data = numberData(tensor);
        if (producer !== undefined && data !== undefined && measures.has(name))
          floats.set(name, Float32Array.from(data));
        return undefined;
      },
    });
    const kept = new Map<string, Tensor>();
    const actual = approximation.run(batch, {
      observe: ({ name }, tensor) => {
        const data = numberData(tensor);
        const real = floats.get(name);
        if (data !== undefined && real !== undefined) measures.get(name)?.add(real, data);
        if (seen < checked) kept.set(name, copyOf(tensor));
        return undefined;
      },
    });
    outputs.add(expect?.(batch) ?? expected, actual);
    if (seen < checked) check(batch, kept);
    seen += rowsOf(batch);
    if (seen >= limit) break;
  }
  const observed = [...measures].filter(([, { count }]) => count > 0);
  return { accuracy: { samples: seen, ...outputs.summary }, tensors: new Map(observed) };
}

const copyOf = ({ dtype, dims, data }: Tensor): Tensor => new Tensor(dtype, dims, data.slice());

/** Agreement of the graph's outputs. */
class OutputMeasure {
  readonly #graph: Graph;
  readonly #agreement = new Agreement();
  #ranked = 0;
  #agreeing = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  add(expected: ReadonlyMap<string, Tensor>, actual: ReadonlyMap<string, Tensor>): void {
    const { outputs } = this.#graph;
    for (const { name, value } of outputs) {
      const reference = expected.get(name);
      const real = reference && numberData(reference);
      const approximation = actual.get(name);
      const integers = approximation && numberData(approximation);
      if (reference === undefined || real === undefined || integers === undefined) continue;
      this.#agreement.add(real, integers, value.type.quantisation?.scale ?? 1);
      if (reference.rank === 2 && outputs.length === 1) this.#rank(real, integers, reference.dims[1] ?? 0);
    }
  }

  get summary(): Omit<AccuracySummary, 'samples'> {
    return {
      sqnrDb: finite(this.#agreement.sqnrDb),
      maxAbsDiff: finite(this.#agreement.maxAbsDiff),
      top1Agreement: this.#ranked === 0 ? null : this.#agreeing / this.#ranked,
    };
  }

  #rank(real: NumberArray, integers: NumberArray, classes: number): void {
    if (classes < 2) return;
    for (let at = 0; at < real.length; at += classes) {
      this.#ranked++;
      if (argmax(real, at, classes) === argmax(integers, at, classes)) this.#agreeing++;
    }
  }
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

class TensorMeasure implements TensorAgreement {
  readonly #agreement = new Agreement();
  readonly #scale: number;
  readonly #lowest: number;
  readonly #highest: number;
  #saturated = 0;

  /** @param scale what one unit of the approximation stands for */
  constructor(grid: Quantisation, scale: number) {
    const { lo, hi } = integersOf(grid);
    this.#scale = scale;
    this.#lowest = (lo - 0.5) * grid.scale;
    this.#highest = (hi + 0.5) * grid.scale;
  }

  add(real: Float32Array, integers: ArrayLike<number>): void {
    this.#agreement.add(real, integers, this.#scale);
    for (const x of real) if (x < this.#lowest || x > this.#highest) this.#saturated++;
  }

  get count(): number {
    return this.#agreement.count;
  }

  get sqnrDb(): number {
    return this.#agreement.sqnrDb;
  }

  get saturatedFraction(): number {
    return this.#agreement.count === 0 ? 0 : this.#saturated / this.#agreement.count;
  }
}
