import { convTranspose as convTransposeOperator } from '../../ir/ops/quantised/operators.js';
import { numbersOf } from '../float/buffers.js';
import { convolveTransposed, planTransposed } from '../float/conv-transpose.js';
import type { Kernel } from '../kernel.js';
import { asFloat32, constantAsFloat32 } from './carrier.js';

const plan = planTransposed(convTransposeOperator);

/** `q.ConvTranspose`; exact as `q.Conv` is. */
export const convTranspose: Kernel = (node, [x, w], arena) => {
  const transposed = plan(node, [x, w]);
  const result = arena.tensor('int32', transposed.dims);
  result.data.fill(0);
  convolveTransposed(transposed, asFloat32(numbersOf(x!), arena), constantAsFloat32(w!), result.data, arena);
  return [result];
};
