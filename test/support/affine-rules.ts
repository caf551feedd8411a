import { AFFINE_KERNELS, AFFINE_OPERATORS } from '../../src/backends/affine/dialect.js';
import type { RuleDialect } from './rules.js';

/** ai.onnx and the affine dialect. */
export const AFFINE_RULES: RuleDialect = { operators: AFFINE_OPERATORS, kernels: AFFINE_KERNELS };
