import type { NumberArray } from '../../ir/dtype.js';
import { valuesOf, type Graph, type Value } from '../../ir/graph.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import { rowsOf } from '../../passes/calibration/rebatch.js';
import type { SampleBatch, SampleSource } from '../../passes/calibration/samples.js';
import { Agreement, argmax } from '../../runtime/agreement.js';
import { prepare } from '../../runtime/executor.js';
import type { KernelTable } from '../../runtime/kernel.js';
import type { AccuracySummary } from '../summary.js';

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

/** How what a tensor holds stands for real numbers: scale × (element - zero). */
export interface Realisation {
  readonly scale: number;
  readonly zero: number;
  /** Real numbers beyond these cannot be expressed. */
  readonly lowest: number;
  readonly highest: number;
}

export interface MeasureOptions {
  /** How a value of the quantised graph stands for the float tensor of its label; undefined where it is not to be measured. */
  readonly realise: (value: Value) => Realisation | undefined;
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
  { realise, kernels, batchSize, limit, check, checked, expected: expect }: MeasureOptions,
): Promise<Measurement> {
  const reference = prepare(float, kernels);
  const approximation = prepare(quantised, kernels);
  const measures = new Map<string, TensorMeasure>();
  for (const value of valuesOf(quantised)) {
    const realisation = realise(value);
    if (realisation !== undefined) measures.set(value.name, new TensorMeasure(realisation));
  }
  const outputs = new OutputMeasure(quantised, realise);
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
        if (seen < checked) kept.set(name, tensor.copy());
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

/** Agreement of the graph's outputs. */
class OutputMeasure {
  readonly #graph: Graph;
  readonly #realise: MeasureOptions['realise'];
  readonly #agreement = new Agreement();
  #ranked = 0;
  #agreeing = 0;

  constructor(graph: Graph, realise: MeasureOptions['realise']) {
    this.#graph = graph;
    this.#realise = realise;
  }

  add(expected: ReadonlyMap<string, Tensor>, actual: ReadonlyMap<string, Tensor>): void {
    const { outputs } = this.#graph;
    for (const { name, value } of outputs) {
      const reference = expected.get(name);
      const real = reference && numberData(reference);
      const approximation = actual.get(name);
      const integers = approximation && numberData(approximation);
      if (reference === undefined || real === undefined || integers === undefined) continue;
      const reals = value.type.dtype === 'float32' ? undefined : this.#realise(value);
      this.#agreement.add(real, integers, reals?.scale, reals?.zero);
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
  readonly #realisation: Realisation;
  #saturated = 0;

  constructor(realisation: Realisation) {
    this.#realisation = realisation;
  }

  add(real: Float32Array, integers: ArrayLike<number>): void {
    const { scale, zero, lowest, highest } = this.#realisation;
    this.#agreement.add(real, integers, scale, zero);
    for (const x of real) if (x < lowest || x > highest) this.#saturated++;
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
