import type { GramMatrix } from '../../passes/calibration/gram.js';
import { innerProduct } from './metric.js';

/**
 * The bias of a channel as a function of its quantised weights: bias + weights · E[r] - (scale · levels) · E[x], so that
 * the mean of the result is that of the float layer, where r is what the float model sees in place of x. Without statistics
 * it is the bias itself. The correction is made in real numbers, before the bias is rounded.
 */
export function biasCorrection(
  gram: GramMatrix | undefined,
  group: number,
  weights: Float64Array,
  bias: number,
): (levels: Float64Array, scale: number) => number {
  if (gram === undefined) return () => bias;
  const [from, to] = [group * gram.taps, (group + 1) * gram.taps];
  const mean = gram.mean.subarray(from, to);
  const wanted = bias + innerProduct(weights, gram.reference?.mean.subarray(from, to) ?? mean);
  return (levels, scale) => wanted - scale * innerProduct(levels, mean);
}
