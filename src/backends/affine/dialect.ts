import { AFFINE_INTEGER_OPERATORS } from '../../ir/ops/affine/operators.js';
import { OPERATORS } from '../../ir/ops/index.js';
import { operatorTable, type OperatorTable } from '../../ir/ops/table.js';
import { AFFINE_INTEGER_KERNELS } from '../../runtime/affine/index.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';
import type { KernelTable } from '../../runtime/kernel.js';

/** ai.onnx and the affine dialect together: what a lifted QDQ model is made of. */
export const AFFINE_OPERATORS: OperatorTable = operatorTable([...OPERATORS.values()], AFFINE_INTEGER_OPERATORS);

/** Kernels of both. */
export const AFFINE_KERNELS: KernelTable = new Map([...FLOAT_KERNELS, ...AFFINE_INTEGER_KERNELS]);
