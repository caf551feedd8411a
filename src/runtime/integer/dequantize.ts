import { numberData } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';

/** `q.Dequantize`: one float32 multiplication an element. */
export const dequantize: Kernel = (node, [x], arena) => {
  const scale = Math.fround(node.attrs.float('scale'));
  const result = arena.tensor('float32', x!.dims);
  const from = numberData(x!)!;
  for (let i = 0; i < from.length; i++) result.data[i] = from[i]! * scale;
  return [result];
};
