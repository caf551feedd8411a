import type { NumberArray } from '../../ir/dtype.js';
import type { Product } from './product.js';

/** Whether the indices that a product sums over come in threes that lie side by side in B, as in kernels 3 wide. */
export function inThrees(inner: Int32Array): boolean {
  if (inner.length % 3 !== 0) return false;
  for (let k = 0; k < inner.length; k += 3) {
    if (inner[k + 1] !== inner[k]! + 1 || inner[k + 2] !== inner[k]! + 2) return false;
  }
  return true;
}

/**
 * As `multiply` for a product of a single row, as depthwise convolutions are, whose indices come in threes: neighbouring
 * columns share two of the three elements they read.
 */
export function multiplyRow(
  product: Product<Float32Array, NumberArray>,
  aBase: number,
  bBase: number,
  yBase: number,
): void {
  const { a, b, inner, from, y, to } = product;
  const columns = from.length - (from.length % 4);
  const depth = inner.length;
  for (let c = 0; c < columns; c += 4) {
    const q0 = bBase + from[c]!;
    const q1 = bBase + from[c + 1]!;
    const q2 = bBase + from[c + 2]!;
    const q3 = bBase + from[c + 3]!;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    if (q1 === q0 + 1 && q2 === q0 + 2 && q3 === q0 + 3) {
      for (let k = 0; k < depth; k += 3) {
        const q = q0 + inner[k]!;
        const w0 = a[aBase + k]!;
        const w1 = a[aBase + k + 1]!;
        const w2 = a[aBase + k + 2]!;
        const x1 = b[q + 1]!;
        const x2 = b[q + 2]!;
        const x3 = b[q + 3]!;
        const x4 = b[q + 4]!;
        s0 += w0 * b[q]! + w1 * x1 + w2 * x2;
        s1 += w0 * x1 + w1 * x2 + w2 * x3;
        s2 += w0 * x2 + w1 * x3 + w2 * x4;
        s3 += w0 * x3 + w1 * x4 + w2 * b[q + 5]!;
      }
    } else {
      for (let k = 0; k < depth; k += 3) {
        const q = inner[k]!;
        const w0 = a[aBase + k]!;
        const w1 = a[aBase + k + 1]!;
        const w2 = a[aBase + k + 2]!;
        s0 += w0 * b[q + q0]! + w1 * b[q + q0 + 1]! + w2 * b[q + q0 + 2]!;
        s1 += w0 * b[q + q1]! + w1 * b[q + q1 + 1]! + w2 * b[q + q1 + 2]!;
        s2 += w0 * b[q + q2]! + w1 * b[q + q2 + 1]! + w2 * b[q + q2 + 2]!;
        s3 += w0 * b[q + q3]! + w1 * b[q + q3 + 1]! + w2 * b[q + q3 + 2]!;
      }
    }
    y[yBase + to[c]!]! += s0;
    y[yBase + to[c + 1]!]! += s1;
    y[yBase + to[c + 2]!]! += s2;
    y[yBase + to[c + 3]!]! += s3;
  }
  for (let c = columns; c < from.length; c++) {
    const q = bBase + from[c]!;
    let sum = 0;
    for (let k = 0; k < depth; k++) sum += a[aBase + k]! * b[q + inner[k]!]!;
    y[yBase + to[c]!]! += sum;
  }
}
