import { AFFINE_INTEGER_OPERATORS } from '../../ir/ops/affine/operators.js';
import { AFFINE_TYPES } from '../../ir/ops/affine/operands.js';
import { OPERATORS } from '../../ir/ops/index.js';
import type { Operator } from '../../ir/ops/operator.js';
import { operatorTable, type OperatorTable } from '../../ir/ops/table.js';
import { AFFINE_INTEGER_KERNELS } from '../../runtime/affine/index.js';
import { FLOAT_KERNELS } from '../../runtime/float/index.js';
import type { KernelTable } from '../../runtime/kernel.js';

/** Choose the largest or smallest elements, of integers of any width as of those that ai.onnx has them for. */
const SELECTING: ReadonlySet<string> = new Set(['MaxPool', 'GlobalMaxPool', 'Max', 'Min', 'ReduceMax', 'ReduceMin']);

const widened = (spec: Operator): Operator =>
  SELECTING.has(spec.name) ? { ...spec, types: [...new Set([...(spec.types ?? []), ...AFFINE_TYPES])] } : spec;

/**
 * ai.onnx and the affine dialect together: what a lifted QDQ model is made of. Maxima and minima take every affine type.
 */
export const AFFINE_OPERATORS: OperatorTable = operatorTable(
  [...OPERATORS.values()].map(widened),
  AFFINE_INTEGER_OPERATORS,
);

/** Kernels of both. */
export const AFFINE_KERNELS: KernelTable = new Map([...FLOAT_KERNELS, ...AFFINE_INTEGER_KERNELS]);
