import { integerRange } from '../../ir/dtype.js';
import { numbersOf } from '../float/buffers.js';
import { present } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';

/** `qa.Table`. */
export const table: Kernel = (_node, inputs, arena) => {
  const x = present(inputs, 0);
  const entries = present(inputs, 1);
  const result = arena.tensor(entries.dtype, x.dims);
  const { lo } = integerRange(x.dtype);
  const [from, values, into] = [numbersOf(x), numbersOf(entries), numbersOf(result)];
  for (let i = 0; i < from.length; i++) into[i] = values[from[i]! - lo]!;
  return [result];
};
