import type { Graph, Value } from '../../ir/graph.js';
import type { Tensor } from '../../ir/tensor.js';
import { firstBatches, rowsOf } from '../../passes/calibration/rebatch.js';
import type { SampleBatch, SampleSource } from '../../passes/calibration/samples.js';
import type { KernelTable } from '../../runtime/kernel.js';
import { StagedRun } from '../../runtime/staged-run.js';

export interface SideBySideOptions {
  /** Kernels of both graphs. */
  readonly kernels: KernelTable;
  /** Samples that run at once. */
  readonly batchSize: number;
  /** Samples after which to stop. */
  readonly limit: number;
}

/** What a layer reads in the quantised graph, and the float tensor that it stands for. */
export interface ReadTensor {
  readonly x: Value;
  readonly real: Value;
}

/** A quantised graph and its float graph on the same samples, layer by layer, while the layers of the first are changed. */
export class SideBySide {
  /** How many there are. */
  readonly samples: number;
  readonly #batches: readonly SampleBatch[];
  readonly #reference: StagedRun;
  readonly #approximation: StagedRun;

  private constructor(
    float: Graph,
    quantised: Graph,
    kernels: KernelTable,
    batches: readonly SampleBatch[],
    read: readonly ReadTensor[],
  ) {
    this.#batches = batches;
    this.samples = batches.reduce((sum, batch) => sum + rowsOf(batch), 0);
    const reals = read.flatMap(({ real }) => (real.producer === undefined ? [] : real));
    this.#reference = new StagedRun(float, kernels, batches, reals);
    this.#approximation = new StagedRun(
      quantised,
      kernels,
      batches,
      read.map(({ x }) => x),
    );
  }

  /** @param read what the layers read, in the order in which it will be taken */
  static async on(
    float: Graph,
    quantised: Graph,
    samples: SampleSource,
    read: readonly ReadTensor[],
    { kernels, batchSize, limit }: SideBySideOptions,
  ): Promise<SideBySide> {
    return new SideBySide(float, quantised, kernels, await firstBatches(samples, batchSize, limit), read);
  }

  /** The float32 tensors of both, batch by batch; `realise` makes real numbers of what the quantised graph holds. */
  *take(
    { x, real }: ReadTensor,
    realise: (tensor: Tensor) => Tensor,
  ): Generator<readonly [own: Tensor<'float32'>, real: Tensor<'float32'>]> {
    const reals =
      real.producer === undefined ? this.#batches.map((batch) => batch.get(real.name)) : this.#reference.take(real);
    for (const [i, tensor] of this.#approximation.take(x).entries()) {
      const expected = reals[i];
      if (expected?.is('float32') !== true) continue;
      const own = realise(tensor);
      if (own.is('float32')) yield [own, expected];
    }
  }
}
