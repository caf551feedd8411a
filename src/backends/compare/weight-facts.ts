import { bitsOf, type NumberArray } from '../../ir/dtype.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import { WIDTHS, weightLimit } from '../quantisation.js';
import type { WeightFacts } from './quantised-tensor.js';

/**
 * Width and use of the integers of weights. In the float32 carrier the width is the least of 8, 4 and 2 bits that holds them
 * all, otherwise that of the element type.
 * @param axis that of the output channels
 */
export function weightFacts(weights: Tensor, axis: number, byType = false): WeightFacts | undefined {
  const data = numberData(weights);
  if (data === undefined || data.length === 0) return undefined;
  const peaks = channelPeaks(data, weights.dims, axis);
  const peak = peaks.reduce((most, each) => Math.max(most, each), 0);
  const narrowest = WIDTHS.toReversed().find((bits) => peak <= weightLimit(bits)) ?? 8;
  const bits = byType ? bitsOf(weights.dtype) : narrowest;
  const limit = weightLimit(bits);
  return { bits, fill: peaks.reduce((sum, each) => sum + Math.min(1, each / limit) ** 2, 0) / peaks.length };
}

/** Largest magnitude of each output channel. */
function channelPeaks(data: NumberArray, dims: readonly number[], axis: number): number[] {
  const channels = dims[axis] ?? 1;
  const inner = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const peaks = Array.from({ length: channels }, () => 0);
  for (let i = 0; i < data.length; i++) {
    const channel = Math.floor(i / inner) % channels;
    peaks[channel] = Math.max(peaks[channel] ?? 0, Math.abs(data[i] ?? 0));
  }
  return peaks;
}
