import type { GramMatrix } from '../../passes/calibration/gram.js';
import { innerProduct } from './metric.js';

/** A channel in real numbers. */
export interface RealChannel {
  readonly weights: Float64Array;
  readonly bias: number;
}

/** A channel of quantised weights, with the real bias that goes with them. */
export interface TriedChannel {
  readonly levels: Float64Array;
  readonly scale: number;
  readonly bias: number;
}

/**
 * E[(y - t)²] - E[t²] for a channel's result y = scale · levels · x + bias beside the float result t = weights · r + b, where
 * r is what the float model sees in place of x, or x itself where the moments know no reference. The part that is left out does not
 * depend on the quantisation. The moments must hold products.
 */
export function heldOutError(moments: GramMatrix, group: number, real: RealChannel, tried: TriedChannel): number {
  const { taps, products = new Float64Array(), reference } = moments;
  const [from, to] = [group * taps, (group + 1) * taps];
  const meanX = moments.mean.subarray(from, to);
  const meanR = reference === undefined ? meanX : reference.mean.subarray(from, to);
  const crossed = reference?.products ?? products;
  const { levels, scale, bias } = tried;
  const result = scale * innerProduct(levels, meanX);
  const wanted = innerProduct(real.weights, meanR);
  let square = 0;
  let cross = 0;
  for (let i = 0; i < taps; i++) {
    const level = levels[i] ?? 0;
    if (level === 0) continue;
    const at = (from + i) * taps;
    square += level * innerProduct(products.subarray(at, at + taps), levels);
    cross += level * innerProduct(crossed.subarray(at, at + taps), real.weights);
  }
  const energy = scale ** 2 * square + 2 * bias * result + bias ** 2;
  return energy - 2 * (scale * cross + real.bias * result + bias * (wanted + real.bias));
}
