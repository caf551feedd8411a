import type { GramMatrix } from '../../passes/calibration/gram.js';
import type { Metric } from './metric.js';
import { solveSquares } from './square-sum.js';

/**
 * The real weights that on the layer's own input x come closest to what the float layer computes from r:
 * w + H⁻¹ (cov(x, r) - cov(x, x)) w, with the damping of H pulling towards w. The weights themselves where the statistics
 * know no reference.
 */
export function refitTarget(gram: GramMatrix, group: number, metric: Metric, weights: Float64Array): Float64Array {
  const { reference, taps } = gram;
  const { full } = metric;
  if (reference === undefined || full === undefined || gram.products === undefined) return weights;
  const at = group * taps;
  const difference = new Float64Array(taps);
  for (let i = 0; i < taps; i++) {
    const own = gram.mean[at + i] ?? 0;
    let sum = 0;
    for (let j = 0; j < taps; j++) {
      const index = (at + i) * taps + j;
      const covariance = (reference.products[index] ?? 0) - own * (reference.mean[at + j] ?? 0);
      sum += (covariance - ((gram.products[index] ?? 0) - own * (gram.mean[at + j] ?? 0))) * (weights[j] ?? 0);
    }
    difference[i] = sum;
  }
  const change = solveSquares(full.squares, difference);
  return weights.map((w, i) => w + (change[i] ?? 0));
}
