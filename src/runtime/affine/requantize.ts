import { broadcastRows } from '../float/broadcast.js';
import { numbersOf } from '../float/buffers.js';
import { present } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';
import { roundScaled } from './rounding.js';
import { saturate, targetOf } from './target.js';

/** `qa.Requantize`. */
export const requantize: Kernel = (node, inputs, arena) => {
  const acc = present(inputs, 0);
  const multiplier = present(inputs, 1);
  const zero = present(inputs, 2);
  const result = arena.tensor(zero.dtype, acc.dims);
  const rows = broadcastRows(acc.dims, [multiplier.dims]);
  if (rows === undefined) return [result];
  const from = numbersOf(acc);
  const multipliers = numbersOf(multiplier);
  const into = numbersOf(result);
  const target = targetOf(node, zero);
  const { length, walk } = rows;
  const step = rows.steps[0]!;
  let at = 0;
  do {
    const start = walk.offsets[0]!;
    for (let i = 0; i < length; i++, at++) {
      into[at] = saturate(roundScaled(from[at]!, multipliers[start + i * step]!), target);
    }
  } while (walk.next());
  return [result];
};
