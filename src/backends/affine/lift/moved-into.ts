import { isConstant, type Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import type { Builder, ResultOptions } from '../../../passes/rule.js';
import { activation, quantisationOf } from './quantised-tensor.js';
import { boundAttributes, integerOf, resultOf, type Target } from './quantisation-target.js';
import { rescaled } from './rescaled.js';
import { tableFor } from './table-for.js';

/** The integers of a constant or of a dequantised tensor of one scale, at the scale of the target. */
export function integersAt(value: Value, target: Target, to: Builder): Value {
  if (isConstant(value)) {
    const integers = Tensor.zeros(target.dtype, value.constant.dims);
    for (const [i, real] of value.constant.toNumbers().entries()) integers.data[i] = integerOf(real, target);
    return to.constant(integers, value.name);
  }
  const x = activation(value);
  return x === undefined ? value : rescaled(x, target, to);
}

/** What `move` makes of integers at the scale of the target, within the target's bounds. */
export function movedInto(target: Target, to: Builder, move: (result: ResultOptions) => Value): Value {
  if (Object.keys(boundAttributes(target)).length === 0) return move(resultOf(target));
  const { dtype, lo, hi } = target;
  const moved = move({ part: 'moved', quantisation: quantisationOf(dtype, target) });
  const entries = tableFor(dtype, dtype, (x) => Math.min(Math.max(x, lo), hi));
  return to.op('qa.Table', [moved, to.constant(entries, 'table')], {}, resultOf(target));
}
