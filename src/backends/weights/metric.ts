import type { GramMatrix } from '../../passes/calibration/gram.js';
import { completeSquares, type SquareSum } from './square-sum.js';

/** How errors e of one output channel's weights count: eᵀ H e, with H positive definite. */
export interface Metric {
  readonly taps: number;
  /** H[i, i]. */
  readonly diagonal: Float64Array;
  /** H row-major and as a sum of squares; undefined where H is diagonal. */
  readonly full: FullMetric | undefined;
}

export interface FullMetric {
  readonly matrix: Float64Array;
  readonly squares: SquareSum;
}

/** What is at least added to the diagonal, as a part of its mean: the moments are those of a sample. */
const LEAST_DAMPING = 0.01;

/** Every tap counts 1. */
export const plainMetric = (taps: number): Metric => ({
  taps,
  diagonal: new Float64Array(taps).fill(1),
  full: undefined,
});

/**
 * The metric of a group of channels: the covariance of its patches, since the bias makes up for the mean of the error.
 * @param feedback whether errors of one weight may be made up for by another; else only the variances count
 * @param caution how much is added to the diagonal for taps / patches: the fewer patches, the less correlations mean
 */
export function metricOf(gram: GramMatrix, group: number, feedback: boolean, caution = 0): Metric {
  const { taps, patches, products } = gram;
  const damping = Math.max(LEAST_DAMPING, (caution * taps) / patches);
  const mean = gram.mean.subarray(group * taps, (group + 1) * taps);
  const diagonal = Float64Array.from(mean, (m, i) => Math.max(0, (gram.diagonal[group * taps + i] ?? 0) - m * m));
  const average = diagonal.reduce((sum, h) => sum + h, 0) / taps;
  if (!(average > 0) || !Number.isFinite(average)) return plainMetric(taps);
  for (let i = 0; i < taps; i++) diagonal[i] = (diagonal[i] ?? 0) + damping * average;
  if (!feedback || products === undefined) return { taps, diagonal, full: undefined };
  const matrix = products.slice(group * taps * taps, (group + 1) * taps * taps);
  for (let i = 0; i < taps; i++) {
    for (let j = 0; j < taps; j++) matrix[i * taps + j] = (matrix[i * taps + j] ?? 0) - (mean[i] ?? 0) * (mean[j] ?? 0);
    matrix[i * taps + i] = diagonal[i] ?? 0;
  }
  return { taps, diagonal, full: { matrix, squares: completeSquares(matrix, diagonal) } };
}

/** H · v. */
export function applyMetric({ taps, diagonal, full }: Metric, v: Float64Array): Float64Array {
  if (full === undefined) return v.map((x, i) => x * (diagonal[i] ?? 0));
  return rowProducts(full.matrix, 0, taps, v);
}

/**
 * The products of a square matrix of `taps` rows, beginning at `start`, and a vector. Four rows at a time, so that the
 * additions of one, each of which waits for the one before, do not hold up those of the others; each sum runs in order.
 */
export function rowProducts(matrix: Float64Array, start: number, taps: number, v: Float64Array): Float64Array {
  const result = new Float64Array(taps);
  for (let i = 0; i < taps; i += 4) {
    // Rows behind the last one are the last one again.
    const last = start + (taps - 1) * taps;
    const r0 = start + i * taps;
    const r1 = Math.min(r0 + taps, last);
    const r2 = Math.min(r1 + taps, last);
    const r3 = Math.min(r2 + taps, last);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let j = 0; j < taps; j++) {
      const x = v[j] ?? 0;
      s0 += (matrix[r0 + j] ?? 0) * x;
      s1 += (matrix[r1 + j] ?? 0) * x;
      s2 += (matrix[r2 + j] ?? 0) * x;
      s3 += (matrix[r3 + j] ?? 0) * x;
    }
    result[i] = s0;
    if (i + 1 < taps) result[i + 1] = s1;
    if (i + 2 < taps) result[i + 2] = s2;
    if (i + 3 < taps) result[i + 3] = s3;
  }
  return result;
}

export function innerProduct(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** eᵀ H e. */
export const errorOf = (metric: Metric, e: Float64Array): number => innerProduct(e, applyMetric(metric, e));
