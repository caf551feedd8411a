import { numberData } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import { accumulate, makeTaps } from './axpy.js';

/** `q.MatMul`: each sample's outputs are a weighted sum of the rows of w. */
export const matMul: Kernel = (_node, [x, w], arena) => {
  const [batch = 0, features = 0] = x!.dims;
  const columns = w!.dims[1]!;
  const result = arena.tensor('int32', [batch, columns]);
  result.data.fill(0);
  const from = numberData(x!)!;
  const weights = numberData(w!)!;
  const taps = makeTaps(features);
  for (let n = 0; n < batch; n++) {
    taps.count = 0;
    for (let k = 0; k < features; k++) {
      const value = from[n * features + k]!;
      if (value === 0) continue;
      taps.weights[taps.count] = value;
      taps.starts[taps.count++] = k * columns;
    }
    accumulate(result.data, n * columns, columns, weights, 1, taps);
  }
  return [result];
};
