import type { NumberArray } from '../../ir/dtype.js';
import { matMul as matMulOperator } from '../../ir/ops/affine/accumulators.js';
import { numbersOf } from '../float/buffers.js';
import { matMulInto, planProducts } from '../float/matmul.js';
import { multiply } from '../float/product.js';
import { present } from '../float/resolve.js';
import type { Kernel } from '../kernel.js';
import { accumulatorOf } from './accumulator.js';
import { centredData, centredWeights } from './centred.js';

const planOf = planProducts(matMulOperator);

/** `qa.MatMul`; exact as `qa.Conv` is. */
export const matMul: Kernel = (node, inputs, arena) => {
  const plan = planOf(node, inputs);
  const a = centredData(present(inputs, 0), present(inputs, 2), arena);
  const b = centredWeights(node, inputs, 1, arena);
  const result = accumulatorOf(node, plan.dims, inputs[4], 1, arena);
  matMulInto<NumberArray>(plan, a, b, numbersOf(result), multiply);
  return [result];
};
