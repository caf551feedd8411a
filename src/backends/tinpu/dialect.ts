import { OPERATORS } from '../../ir/ops/index.js';
import { QUANTISED_OPERATORS } from '../../ir/ops/quantised/operators.js';
import { requantShift } from '../../ir/ops/quantised/requant-shift.js';
import { operatorTable, type OperatorTable } from '../../ir/ops/table.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';
import { INTEGER_KERNELS } from '../../runtime/integer/index.js';
import type { KernelTable } from '../../runtime/kernel.js';

/** ai.onnx and the quantised dialect together: the graph while it is lowered or lifted, and what is left of it after. */
export const TINPU_OPERATORS: OperatorTable = operatorTable([...OPERATORS.values()], QUANTISED_OPERATORS, [
  requantShift,
]);

/** Kernels of both. */
export const TINPU_KERNELS: KernelTable = new Map([...FLOAT_KERNELS, ...INTEGER_KERNELS]);
