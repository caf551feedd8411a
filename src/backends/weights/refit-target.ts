import type { GramMatrix } from '../../passes/calibration/gram.js';
import { rowProducts, type Metric } from './metric.js';
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
  const change = solveSquares(full.squares, rowProducts(differencesOf(gram), group * taps * taps, taps, weights));
  return weights.map((w, i) => w + (change[i] ?? 0));
}

/** Every channel of a layer asks for those of the same statistics. */
const known = new WeakMap<GramMatrix, Float64Array>();

/** cov(x, r) - cov(x, x), [groups, taps, taps]. */
function differencesOf(gram: GramMatrix): Float64Array {
  const found = known.get(gram);
  if (found !== undefined) return found;
  const { groups, taps, mean, products, reference } = gram;
  const differences = new Float64Array(groups * taps * taps);
  for (let row = 0; row < groups * taps; row++) {
    const first = row - (row % taps);
    const own = mean[row] ?? 0;
    for (let j = 0, index = row * taps; j < taps; j++, index++) {
      const covariance = (reference?.products[index] ?? 0) - own * (reference?.mean[first + j] ?? 0);
      differences[index] = covariance - ((products?.[index] ?? 0) - own * (mean[first + j] ?? 0));
    }
  }
  known.set(gram, differences);
  return differences;
}
