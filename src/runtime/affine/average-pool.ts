import { averagePool as averagePoolOperator } from '../../ir/ops/affine/requantising.js';
import { numbersOf } from '../float/buffers.js';
import { copyIntoPadded } from '../float/planes.js';
import { planPool } from '../float/pool.js';
import { present } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';
import { centredData } from './centred.js';
import { roundScaled } from './rounding.js';
import { saturate, targetOf } from './target.js';

const planOf = planPool(averagePoolOperator);

/** `qa.AveragePool`: sums of integers less their zero point, for which padding stands, are exact in doubles. */
export const averagePool: Kernel = (node, inputs, arena) => {
  const { dims, window, counts } = planOf(node, inputs);
  const x = centredData(present(inputs, 0), present(inputs, 1), arena);
  const multiplier = numbersOf(present(inputs, 2))[0]!;
  const zero = present(inputs, 3);
  const target = targetOf(node, zero);
  const result = arena.tensor(zero.dtype, dims);
  const into = numbersOf(result);
  const padded = window.hasPadding ? arena.scratch(window.paddedSize) : undefined;
  padded?.fill(0, 0, window.paddedSize);
  const { taps, starts } = window;
  const planes = dims[0]! * dims[1]!;
  for (let plane = 0; plane < planes; plane++) {
    const from = plane * window.size;
    if (padded !== undefined) copyIntoPadded(window, 1, x, from, padded, 0);
    const data = padded ?? x;
    const base = padded === undefined ? from : 0;
    for (let p = 0; p < starts.length; p++) {
      let sum = 0;
      for (const tap of taps) sum += data[base + starts[p]! + tap]!;
      const count = counts[p]!;
      into[plane * starts.length + p] = saturate(count === 0 ? 0 : roundScaled(sum, multiplier, count), target);
    }
  }
  return [result];
};
