import { add as addOperator, mul as mulOperator } from '../../ir/ops/affine/requantising.js';
import type { Operator } from '../../ir/ops/operator.js';
import { broadcastRows, mapRows } from '../float/broadcast.js';
import { numbersOf } from '../float/buffers.js';
import { planned, type Inputs } from '../float/plan.js';
import { present, resolveDims } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';
import { roundScaled, roundSum } from './rounding.js';
import { saturate, targetOf } from './target.js';

/** Two operands, their zero points, multipliers, and the zero point of the result, in this order. */
function elementwise(
  operator: Operator,
  functionOf: (multipliers: readonly number[]) => (a: number, b: number) => number,
): Kernel {
  const planDims = planned((node, inputs) => resolveDims(operator, node, inputs)[0]!);
  return (node, inputs, arena) => {
    const dims = planDims(node, inputs);
    const [a, b] = [present(inputs, 0), present(inputs, 1)];
    const zero = present(inputs, inputs.length - 1);
    const result = arena.tensor(zero.dtype, dims);
    const rows = broadcastRows(dims, [a.dims, b.dims]);
    if (rows === undefined) return [result];
    const scalars = inputs.slice(2, -1).map((_, i) => scalarAt(inputs, i + 2));
    const [aZero, bZero, ...multipliers] = scalars as [number, number, ...number[]];
    const round = functionOf(multipliers);
    const target = targetOf(node, zero);
    const [left, right, into] = [numbersOf(a), numbersOf(b), numbersOf(result)];
    mapRows(
      (x, y) => saturate(round(x - aZero, y - bZero), target),
      rows,
      left,
      right,
      (at, value) => (into[at] = value),
    );
    return [result];
  };
}

const scalarAt = (inputs: Inputs, index: number): number => numbersOf(present(inputs, index))[0]!;

/** `qa.Add`. */
export const add: Kernel = elementwise(
  addOperator,
  ([aMultiplier = 1, bMultiplier = 1]) =>
    (a, b) =>
      roundSum(a, aMultiplier, b, bMultiplier),
);

/** `qa.Mul`: products of two 17-bit integers are exact in doubles. */
export const mul: Kernel = elementwise(
  mulOperator,
  ([multiplier = 1]) =>
    (a, b) =>
      roundScaled(a * b, multiplier),
);
