import type { NodeFacts } from '../../ir/ops/window.js';
import type { Tensor } from '../../ir/tensor.js';
import { GramObserver, type GramMatrix } from '../../passes/calibration/gram.js';
import { mergeMoments } from '../../passes/calibration/merge-moments.js';
import { sliceRows } from '../../passes/calibration/stored.js';

/** Moments of what a layer sees, where they were gathered. */
export interface LayerMoments {
  readonly gram?: GramMatrix | undefined;
  /** The same in two disjoint sets of samples, where there are enough of them. */
  readonly halves?: Halves | undefined;
}

/** Moments of what a layer sees in two disjoint sets of samples. */
export type Halves = readonly [GramMatrix, GramMatrix];

/** Multiplications that the moments of one layer may take. */
const MOMENT_BUDGET = 2e8;

/** Samples that come to one half before the other has its turn. */
const RUN = 8;

/**
 * Moments of all samples and of two halves of them, whose runs take turns: neighbours may well be alike.
 * @param batches what the layer reads, and what the float model has there
 * @param samples how many there are
 */
export function gatherMoments(
  layer: NodeFacts,
  weightDims: readonly number[],
  batches: Iterable<readonly [own: Tensor<'float32'>, real: Tensor<'float32'>]>,
  samples: number,
): LayerMoments {
  const observe = (): GramObserver =>
    new GramObserver(layer, weightDims, { samples: samples / 2, budget: MOMENT_BUDGET / 2 });
  const observers = [observe(), observe()] as const;
  let seen = 0;
  for (const [own, real] of batches) {
    const rows = own.dims[0] ?? 1;
    for (let row = 0; row < rows;) {
      const end = Math.min(rows, row + RUN - (seen % RUN));
      observers[Math.floor(seen / RUN) % 2 === 0 ? 0 : 1].observe(sliceRows(own, row, end), sliceRows(real, row, end));
      seen += end - row;
      row = end;
    }
  }
  const [first, second] = observers.map((observer) => observer.result());
  if (first === undefined || second === undefined) return { gram: first ?? second };
  return { gram: mergeMoments(first, second), halves: [first, second] };
}
