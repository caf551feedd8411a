import { convTranspose } from './conv-transpose.js';
import { conv, convInteger } from './conv.js';
import { einsum } from './einsum.js';
import { gemm, matMul, matMulInteger } from './matmul.js';
import {
  batchNormalization,
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  lpNormalization,
  lrn,
  meanVarianceNormalization,
  rmsNormalization,
} from './normalisation.js';
import type { Operator } from './operator.js';
import { averagePool, globalAveragePool, globalMaxPool, lpPool, maxPool } from './pool.js';
import { qLinearConv, qLinearMatMul } from './qlinear.js';

/** Convolutions, pools, matrix products and normalisations of ai.onnx. */
export const NN_OPERATORS: readonly Operator[] = [
  conv,
  convInteger,
  qLinearConv,
  convTranspose,
  maxPool,
  averagePool,
  lpPool,
  globalAveragePool,
  globalMaxPool,
  matMul,
  matMulInteger,
  qLinearMatMul,
  gemm,
  einsum,
  batchNormalization,
  instanceNormalization,
  groupNormalization,
  layerNormalization,
  rmsNormalization,
  lpNormalization,
  lrn,
  meanVarianceNormalization,
];
