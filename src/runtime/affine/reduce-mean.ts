import { reductionCall } from '../../ir/ops/affine/requantising.js';
import { reducedShape, reductionAxes } from '../../ir/ops/reduce.js';
import { numbersOf } from '../float/buffers.js';
import { nestOf } from '../float/reduce.js';
import { checked, concreteCall, present } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';
import { roundScaled } from './rounding.js';
import { saturate, targetOf } from './target.js';

/** `qa.ReduceMean`: sums of integers less their zero point are exact in doubles; the mean of nothing is the zero point. */
export const reduceMean: Kernel = (node, inputs, arena) => {
  const x = present(inputs, 0);
  const axes = checked(() => reductionAxes(reductionCall(concreteCall(node, inputs))))!;
  const dims = reducedShape(x.dims, axes, node.attrs.int('keepdims', 1) === 1) as number[];
  const zeroPoint = present(inputs, 3);
  const target = targetOf(node, zeroPoint);
  const result = arena.tensor(zeroPoint.dtype, dims);
  const into = numbersOf(result);
  const count = axes.reduce((product, axis) => product * x.dims[axis]!, 1);
  if (count === 0 || result.size === 0) {
    into.fill(saturate(0, target));
    return [result];
  }
  const from = numbersOf(x);
  const shift = count * numbersOf(present(inputs, 1))[0]!;
  const multiplier = numbersOf(present(inputs, 2))[0]!;
  const { results, rows, length, step } = nestOf(x.dims, axes);
  let at = 0;
  do {
    let sum = 0;
    do {
      const start = results.offsets[0]! + rows.offsets[0]!;
      for (let i = 0; i < length; i++) sum += from[start + i * step]!;
    } while (rows.next());
    into[at++] = saturate(roundScaled(sum - shift, multiplier, count), target);
  } while (results.next());
  return [result];
};
