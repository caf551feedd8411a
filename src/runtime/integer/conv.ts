import { conv as convOperator } from '../../ir/ops/quantised/operators.js';
import { numbersOf } from '../float/buffers.js';
import { convolve, planConvolution } from '../float/conv.js';
import type { Kernel } from '../kernel.js';
import { asFloat32, constantAsFloat32 } from './carrier.js';

const plan = planConvolution(convOperator);

/**
 * `q.Conv`. Factors of at most 16 bits are exact in Float32Arrays; their products and sums are taken in float64, exact up
 * to 2^53, and stored as int32, which the accumulator analysis proves to hold them.
 */
export const conv: Kernel = (node, [x, w], arena) => {
  const convolution = plan(node, [x, w]);
  const result = arena.tensor('int32', convolution.dims);
  result.data.fill(0);
  convolve(convolution, asFloat32(numbersOf(x!), arena), constantAsFloat32(w!), result.data, arena);
  return [result];
};
