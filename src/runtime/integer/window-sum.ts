import { windowOf } from '../../ir/ops/quantised/facts.js';
import { numberData } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';
import { accumulate, makeTaps } from './axpy.js';
import { inside, outputMap, spatialAxes } from './conv.js';

/** `q.WindowSum`: a depthwise convolution with all-ones weights. */
export const windowSum: Kernel = (node, [x], arena) => {
  const { dims } = x!;
  const [batch = 0, channels = 0] = dims;
  const window = windowOf(node.attrs, node.attrs.ints('kernel_shape'));
  const map = outputMap(dims, window);
  const result = arena.tensor('int32', [batch, channels, ...map]);
  result.data.fill(0);
  const [outer, inner] = spatialAxes(dims, map, window);
  const from = numberData(x!)!;
  const taps = makeTaps(outer.kernel);
  taps.weights.fill(1);
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let column = 0; column < inner.kernel; column++) {
      const [first, last] = inside(inner, column);
      for (let row = 0; row < outer.output; row++) {
        taps.count = 0;
        for (let tap = 0; tap < outer.kernel; tap++) {
          const y = row * outer.stride + tap * outer.dilation - outer.pad;
          if (y < 0 || y >= outer.size) continue;
          const start = first * inner.stride + column * inner.dilation - inner.pad;
          taps.starts[taps.count++] = (plane * outer.size + y) * inner.size + start;
        }
        const at = (plane * outer.output + row) * inner.output + first;
        accumulate(result.data, at, last - first, from, inner.stride, taps);
      }
    }
  }
  return [result];
};

/** `q.GlobalSum`: the sum of each channel's map. */
export const globalSum: Kernel = (_node, [x], arena) => {
  const [batch = 0, channels = 0, height = 1, width = 1] = x!.dims;
  const result = arena.tensor('int32', [batch, channels, 1, 1]);
  const from = numberData(x!)!;
  const area = height * width;
  for (let plane = 0; plane < batch * channels; plane++) {
    let sum = 0;
    for (let i = plane * area; i < (plane + 1) * area; i++) sum = (sum + from[i]!) | 0;
    result.data[plane] = sum;
  }
  return [result];
};
