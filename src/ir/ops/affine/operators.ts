import type { Operator } from '../operator.js';
import { ACCUMULATORS } from './accumulators.js';
import { REQUANTISING } from './requantising.js';

/** The affine dialect: integers with zero points and free scales (spec 3.4), beside operators that move integers. */
export const AFFINE_INTEGER_OPERATORS: readonly Operator[] = [...ACCUMULATORS, ...REQUANTISING];
