import type { Kernel } from '../kernel.js';
import { ARG_REDUCE_KERNELS } from './arg-reduce.js';
import { BINARY_KERNELS } from './binary.js';
import { castKernel } from './cast.js';
import { clipKernel } from './clip.js';
import { cumSumKernel } from './cum-sum.js';
import { dynamicQuantizeLinearKernel } from './dynamic-quantize-linear.js';
import { dropoutKernel, identityKernel } from './identity.js';
import { powKernel } from './power.js';
import { dequantizeLinearKernel, quantizeLinearKernel } from './quantize-linear.js';
import { REDUCE_KERNELS } from './reduce.js';
import { SOFTMAX_KERNELS } from './softmax.js';
import { topKKernel } from './top-k.js';
import { UNARY_KERNELS } from './unary.js';
import { whereKernel } from './where.js';

/** Kernels of the operators in `ELEMENTWISE_OPERATORS`, by qualified name. */
export const ELEMENTWISE_KERNELS: readonly (readonly [string, Kernel])[] = [
  ...UNARY_KERNELS,
  ...BINARY_KERNELS,
  ...REDUCE_KERNELS,
  ...ARG_REDUCE_KERNELS,
  ...SOFTMAX_KERNELS,
  ['Identity', identityKernel],
  ['Dropout', dropoutKernel],
  ['Pow', powKernel],
  ['Clip', clipKernel],
  ['Where', whereKernel],
  ['Cast', castKernel],
  ['CastLike', castKernel],
  ['CumSum', cumSumKernel],
  ['TopK', topKKernel],
  ['QuantizeLinear', quantizeLinearKernel],
  ['DequantizeLinear', dequantizeLinearKernel],
  ['DynamicQuantizeLinear', dynamicQuantizeLinearKernel],
];
