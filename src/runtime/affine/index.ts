import type { Kernel } from '../kernel.js';
import { averagePool } from './average-pool.js';
import { conv } from './conv.js';
import { convTranspose } from './conv-transpose.js';
import { add, mul } from './elementwise.js';
import { matMul } from './mat-mul.js';
import { reduceMean } from './reduce-mean.js';
import { requantize } from './requantize.js';
import { table } from './table.js';

/** The integer interpreter of the affine dialect. */
export const AFFINE_INTEGER_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['qa.Conv', conv],
  ['qa.ConvTranspose', convTranspose],
  ['qa.MatMul', matMul],
  ['qa.Requantize', requantize],
  ['qa.Add', add],
  ['qa.Mul', mul],
  ['qa.AveragePool', averagePool],
  ['qa.ReduceMean', reduceMean],
  ['qa.Table', table],
];
