import { clipResultType } from '../../ir/ops/quantised/operators.js';
import { numbersOf } from '../float/buffers.js';
import type { Kernel } from '../kernel.js';

/** `q.Clip`: comparisons alone. */
export const clip: Kernel = (node, [x], arena) => {
  const lo = node.attrs.int('lo');
  const hi = node.attrs.int('hi');
  const result = arena.tensor(clipResultType(x!.dtype, lo, hi), x!.dims);
  const from = numbersOf(x!);
  const into = numbersOf(result);
  for (let i = 0; i < from.length; i++) {
    const value = from[i]!;
    into[i] = value < lo ? lo : value > hi ? hi : value;
  }
  return [result];
};
