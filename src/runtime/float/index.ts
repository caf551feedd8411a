import type { KernelTable } from '../kernel.js';
import { ELEMENTWISE_KERNELS } from './elementwise.js';
import { NN_KERNELS } from './nn.js';
import { RECURRENT_KERNELS } from './recurrent.js';
import { SHAPE_KERNELS } from './shape-ops.js';

/** Kernels of every operator in `OPERATORS`, by qualified name. */
export const FLOAT_KERNELS: KernelTable = new Map([
  ...NN_KERNELS,
  ...RECURRENT_KERNELS,
  ...ELEMENTWISE_KERNELS,
  ...SHAPE_KERNELS,
]);
