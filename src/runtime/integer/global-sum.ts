import { numbersOf } from '../float/buffers.js';
import type { Kernel } from '../kernel.js';

/** `q.GlobalSum`: the sum of each channel's map. */
export const globalSum: Kernel = (_node, [x], arena) => {
  const [batch = 0, channels = 0, height = 1, width = 1] = x!.dims;
  const result = arena.tensor('int32', [batch, channels, 1, 1]);
  const from = numbersOf(x!);
  const area = height * width;
  for (let plane = 0; plane < batch * channels; plane++) {
    let sum = 0;
    for (let i = plane * area; i < (plane + 1) * area; i++) sum += from[i]!;
    result.data[plane] = sum;
  }
  return [result];
};
