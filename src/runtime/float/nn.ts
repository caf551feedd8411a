import type { Kernel } from '../kernel.js';
import { CONV_TRANSPOSE_KERNELS } from './conv-transpose.js';
import { CONV_KERNELS } from './conv.js';
import { EINSUM_KERNELS } from './einsum.js';
import { GEMM_KERNELS } from './gemm.js';
import { GLOBAL_POOL_KERNELS } from './global-pool.js';
import { LAYER_NORMALISATION_KERNELS } from './layer-normalisation.js';
import { LP_NORMALISATION_KERNELS } from './lp-normalisation.js';
import { MATMUL_KERNELS } from './matmul.js';
import { NORMALISATION_KERNELS } from './normalisation.js';
import { POOL_KERNELS } from './pool.js';
import { QLINEAR_KERNELS } from './qlinear.js';
import { RESPONSE_NORMALISATION_KERNELS } from './response-normalisation.js';

/** Kernels of the operators in `NN_OPERATORS`, by qualified name. */
export const NN_KERNELS: readonly (readonly [string, Kernel])[] = [
  ...CONV_KERNELS,
  ...CONV_TRANSPOSE_KERNELS,
  ...POOL_KERNELS,
  ...GLOBAL_POOL_KERNELS,
  ...MATMUL_KERNELS,
  ...GEMM_KERNELS,
  ...EINSUM_KERNELS,
  ...QLINEAR_KERNELS,
  ...NORMALISATION_KERNELS,
  ...LAYER_NORMALISATION_KERNELS,
  ...LP_NORMALISATION_KERNELS,
  ...RESPONSE_NORMALISATION_KERNELS,
];
