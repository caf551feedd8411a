import type { Node } from '../../ir/graph.js';
import { FLOAT32_EXACT } from '../tinpu/arithmetic/accumulators.js';
import { accumulatorPeak } from '../tinpu/weights/channel-limits.js';
import { widthsOf } from '../tinpu/weights/multiplier.js';
import { weightsOf } from '../weights/weights-of.js';
import type { TrainedGrid } from './trained-grid.js';
import type { TrainedWeightsIndex } from './trained-knowledge.js';

/** The integers that unsigned activations reach. */
const UNSIGNED = { lo: 0, hi: 255 };

/** Precision that is to be left to the multiplier beside narrow weights: 6 bits, which cost less than a coarser scale. */
const LEAST_SCALE = 63;

/**
 * Whether a layer can read a tensor whose lowest trained integer stands for 0: the bias then takes in as much of the sum of
 * the weights, and must stay within its width; sums must stay what float32 holds exactly, times a multiplier of 6 bits
 * beside narrow weights (spec 1.2, 1.6).
 */
export function fitsShifted(layer: Node, { scale, zeroPoint, lo }: TrainedGrid, weights: TrainedWeightsIndex): boolean {
  const bits = weights.bitsOf(layer) ?? 8;
  const { limit, maxBias, maxScale } = widthsOf(bits);
  const { bias } = weightsOf(layer);
  const most = FLOAT32_EXACT / Math.min(maxScale, LEAST_SCALE);
  return weights.channelsOf(layer, bits).every(({ weights: row, trained }, channel) => {
    const peak = row.reduce((largest, w) => Math.max(largest, Math.abs(w)), 0);
    if (peak === 0) return true;
    const step = trained?.scale ?? peak / limit;
    const levels = trained?.levels ?? row.map((w) => w / step);
    const sum = levels.reduce((total, q) => total + q, 0);
    const shifted = Math.abs((bias?.[channel] ?? 0) / (step * scale) - (zeroPoint - lo) * sum);
    return shifted <= maxBias && accumulatorPeak(levels, UNSIGNED) + shifted <= most;
  });
}
