import type { Kernel } from '../kernel.js';
import { add } from './add.js';
import { bnorm } from './bnorm.js';
import { clip } from './clip.js';
import { conv } from './conv.js';
import { convTranspose } from './conv-transpose.js';
import { dequantize } from './dequantize.js';
import { inputNorm } from './input-norm.js';
import { matMul } from './mat-mul.js';
import { globalSum } from './global-sum.js';
import { requantShift } from './requant-shift.js';

/** The integer reference interpreter: kernels of the quantised dialect. */
export const INTEGER_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['q.InputNorm', inputNorm],
  ['q.Conv', conv],
  ['q.ConvTranspose', convTranspose],
  ['q.MatMul', matMul],
  ['q.GlobalSum', globalSum],
  ['q.Bnorm', bnorm],
  ['q.RequantShift', requantShift],
  ['q.Add', add],
  ['q.Clip', clip],
  ['q.Dequantize', dequantize],
];
