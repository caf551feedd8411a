import type { Value } from '../../ir/graph.js';
import { numberData } from '../../ir/tensor.js';
import { rowsOf } from '../../passes/calibration/rebatch.js';
import type { SampleBatch, SampleSource } from '../../passes/calibration/samples.js';
import type { Observer } from '../../runtime/executor.js';
import type { Grid } from './grid.js';
import type { QuantisedTensor } from './quantised-tensor.js';
import { ScaleFitter } from './fit-scales.js';

/** A grid of which every part is known. */
export interface ResolvedGrid extends Grid {
  /** Whether the scale was fitted to data. */
  readonly fitted: boolean;
}

/** Samples that scales are fitted on. */
const FITTING_SAMPLES = 64;

export interface ResolveOptions {
  readonly batchSize: number;
  /** Runs the float model; the float tensors by the integer value that stands for them are told to `see`. */
  readonly runFloat: (batch: SampleBatch, see: (integers: Value, real: ArrayLike<number>) => void) => void;
  readonly runQuantised: (batch: SampleBatch, observe: Observer) => void;
}

/** The grids of tensors, by their integers; scales that the model does not tell are fitted to the first samples. */
export async function resolveGrids(
  tensors: readonly QuantisedTensor[],
  samples: SampleSource,
  { batchSize, runFloat, runQuantised }: ResolveOptions,
): Promise<ReadonlyMap<Value, ResolvedGrid>> {
  const unknown = new Set(tensors.filter(({ grid }) => grid.scale === undefined).map(({ value }) => value));
  const fitter = new ScaleFitter();
  if (unknown.size > 0) {
    let seen = 0;
    for await (const batch of samples.batches(batchSize)) {
      const reals = new Map<Value, ArrayLike<number>>();
      runFloat(batch, (integers, real) => {
        if (unknown.has(integers)) reals.set(integers, real);
      });
      runQuantised(batch, (value, tensor) => {
        const real = reals.get(value);
        const integers = numberData(tensor);
        if (real?.length === tensor.size && integers !== undefined) fitter.add(value, real, integers);
        return undefined;
      });
      seen += rowsOf(batch);
      if (seen >= FITTING_SAMPLES) break;
    }
  }
  return new Map(
    tensors.map(({ value, grid }): [Value, ResolvedGrid] => {
      const { scale } = grid;
      return [value, { ...grid, scale: scale ?? fitter.scaleOf(value, grid), fitted: scale === undefined }];
    }),
  );
}
