import { convTranspose as convTransposeOperator } from '../../ir/ops/affine/accumulators.js';
import { sizeOf } from '../../ir/shape.js';
import { numbersOf } from '../float/buffers.js';
import { convolveTransposed, planTransposed } from '../float/conv-transpose.js';
import { present } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';
import { accumulatorOf } from './accumulator.js';
import { centredData, centredWeights } from './centred.js';

const planOf = planTransposed(convTransposeOperator);

/** `qa.ConvTranspose`; exact as `qa.Conv` is. */
export const convTranspose: Kernel = (node, inputs, arena) => {
  const plan = planOf(node, inputs);
  const x = centredData(present(inputs, 0), present(inputs, 2), arena);
  const w = centredWeights(node, inputs, sizeOf(present(inputs, 1).dims.slice(2)), arena);
  const result = accumulatorOf(node, plan.dims, inputs[4], sizeOf(plan.dims.slice(2)), arena);
  convolveTransposed(plan, x, w, numbersOf(result), arena);
  return [result];
};
