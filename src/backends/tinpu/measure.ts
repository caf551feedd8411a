import type { Graph, Quantisation, Value } from '../../ir/graph.js';
import { valuesOf } from '../../ir/graph.js';
import { numberData } from '../../ir/tensor.js';
import type { SampleSource } from '../../passes/calibration/samples.js';
import { Agreement, argmax } from '../../runtime/agreement.js';
import { prepare } from '../../runtime/executor.js';
import type { KernelTable } from '../../runtime/kernel.js';
import { integersOf } from '../quantisation.js';
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

/** Runs float and quantised graph side by side, batch by batch, and compares tensors of equal label. */
export async function measure(
  float: Graph,
  quantised: Graph,
  samples: SampleSource,
  kernels: KernelTable,
  options: { readonly batchSize: number; readonly limit: number },
): Promise<Measurement> {
  const reference = prepare(float, kernels);
  const approximation = prepare(quantised, kernels);
  const grids = new Map<string, Quantisation>();
  for (const { name, type } of valuesOf(quantised)) if (type.quantisation) grids.set(name, type.quantisation);
  const wanted = new Set([...valuesOf(float)].filter(({ name, producer }) => producer && grids.has(name)));
  const tensors = new Map<string, TensorMeasure>();
  const outputs = new Agreement();
  let agreeing = 0;
  let ranked = 0;
  let seen = 0;
  for await (const batch of samples.batches(options.batchSize)) {
    const floats = new Map<string, Float32Array>();
    const keep = (value: Value, data: ArrayLike<number>): void => {
      if (wanted.has(value)) floats.set(value.name, Float32Array.from(data));
    };
    const expected = reference.run(batch, {
      observe: (value, tensor) => {
        const data = numberData(tensor);
        if (data !== undefined) keep(value, data);
        return undefined;
      },
    });
    const actual = approximation.run(batch, {
      observe: (value, tensor) => {
        const grid = grids.get(value.name);
        const data = numberData(tensor);
        const real = floats.get(value.name);
        if (grid === undefined || data === undefined || real === undefined || value.type.quantisation !== grid)
          return undefined;
        const measured = tensors.get(value.name) ?? new TensorMeasure(grid);
        measured.add(real, data);
        tensors.set(value.name, measured);
        return undefined;
      },
    });
    for (const { name, value } of quantised.outputs) {
      const a = expected.get(name);
      const b = actual.get(name);
      const real = a && numberData(a);
      const integers = b && numberData(b);
      if (a === undefined || real === undefined || integers === undefined) continue;
      outputs.add(real, integers, value.type.quantisation?.scale ?? 1);
      const classes = a.rank === 2 ? (a.dims[1] ?? 0) : 0;
      if (classes < 2 || quantised.outputs.length > 1) continue;
      for (let at = 0; at < real.length; at += classes) {
        ranked++;
        if (argmax(real, at, classes) === argmax(integers, at, classes)) agreeing++;
      }
    }
    const [first] = batch.values();
    seen += first?.dims[0] ?? 1;
    if (seen >= options.limit) break;
  }
  return {
    accuracy: {
      samples: seen,
      sqnrDb: finite(outputs.sqnrDb),
      maxAbsDiff: finite(outputs.maxAbsDiff),
      top1Agreement: ranked === 0 ? null : agreeing / ranked,
    },
    tensors,
  };
}

const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);

class TensorMeasure implements TensorAgreement {
  readonly #agreement = new Agreement();
  readonly #scale: number;
  readonly #lowest: number;
  readonly #highest: number;
  #saturated = 0;

  constructor(grid: Quantisation) {
    const { lo, hi } = integersOf(grid);
    this.#scale = grid.scale;
    this.#lowest = (lo - 0.5) * grid.scale;
    this.#highest = (hi + 0.5) * grid.scale;
  }

  add(real: Float32Array, integers: ArrayLike<number>): void {
    this.#agreement.add(real, integers, this.#scale);
    for (const x of real) if (x < this.#lowest || x > this.#highest) this.#saturated++;
  }

  get sqnrDb(): number {
    return this.#agreement.sqnrDb;
  }

  get saturatedFraction(): number {
    return this.#agreement.count === 0 ? 0 : this.#saturated / this.#agreement.count;
  }
}
