import { conv as convOperator } from '../../ir/ops/affine/accumulators.js';
import { sizeOf } from '../../ir/shape.js';
import { numbersOf } from '../float/buffers.js';
import { convolve, planConvolution } from '../float/conv.js';
import { present } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';
import { accumulatorOf } from './accumulator.js';
import { centredData, centredWeights } from './centred.js';

const planOf = planConvolution(convOperator);

/** `qa.Conv`. Factors of at most 17 bits are exact in float32, their products and sums in float64. */
export const conv: Kernel = (node, inputs, arena) => {
  const plan = planOf(node, inputs);
  const x = centredData(present(inputs, 0), present(inputs, 2), arena);
  const w = centredWeights(node, inputs, sizeOf(present(inputs, 1).dims.slice(1)), arena);
  const result = accumulatorOf(node, plan.dims, inputs[4], sizeOf(plan.dims.slice(2)), arena);
  convolve(plan, x, w, numbersOf(result), arena);
  return [result];
};
