import type { NumberArray, TypedArray } from '../../ir/dtype.js';

/**
 * Operands of Y += A · B, where B and Y lie in memory as tables say, so that a convolution is a product as it stands.
 * `from` and `to` have one entry a column, `inner` one for each index that the product sums over.
 */
export interface Product<T extends TypedArray = NumberArray, Y extends TypedArray = T> {
  readonly rows: number;
  /** A(r, k) is a[aBase + r · aRow + k]. */
  readonly a: T;
  readonly aRow: number;
  /** B(k, c) is b[bBase + inner[k] + from[c]]. */
  readonly b: T;
  readonly inner: Int32Array;
  readonly from: Int32Array;
  /** Y(r, c) is y[yBase + r · yRow + to[c]]. */
  readonly y: Y;
  readonly yRow: number;
  readonly to: Int32Array;
}

/** Whether both factors are Float32Arrays, which `multiplyFloat32` is made for. */
export const isFloat32 = (product: Product): product is Product<Float32Array, NumberArray> =>
  product.a instanceof Float32Array && product.b instanceof Float32Array;

/** Adds the product to Y. Sums are taken in float64 and rounded once, when they are stored. */
export function multiply(product: Product, aBase: number, bBase: number, yBase: number): void {
  if (isFloat32(product)) multiplyFloat32(product, aBase, bBase, yBase);
  else multiplyAny(product, aBase, bBase, yBase);
}

function multiplyAny(product: Product, aBase: number, bBase: number, yBase: number): void {
  const { rows, a, aRow, b, inner, from, y, yRow, to } = product;
  for (let r = 0; r < rows; r++) {
    const row = aBase + r * aRow;
    for (let c = 0; c < from.length; c++) {
      const column = bBase + from[c]!;
      const target = yBase + r * yRow + to[c]!;
      let sum = y[target]!;
      for (let k = 0; k < inner.length; k++) sum += a[row + k]! * b[column + inner[k]!]!;
      y[target] = sum;
    }
  }
}

/**
 * Four columns at a time, four rows where there are as many. Columns that lie side by side in B, as most do, are read
 * relative to the first. Beyond the last column the last one is computed again and not stored.
 */
function multiplyFloat32(
  product: Product<Float32Array, NumberArray>,
  aBase: number,
  bBase: number,
  yBase: number,
): void {
  const { rows, a, aRow, b, inner, from, y, yRow, to } = product;
  const columns = from.length;
  const depth = inner.length;
  const rowsInFours = rows - (rows % 4);
  for (let c = 0; c < columns; c += 4) {
    const last = columns - 1;
    const q0 = bBase + from[c]!;
    const q1 = bBase + from[Math.min(c + 1, last)]!;
    const q2 = bBase + from[Math.min(c + 2, last)]!;
    const q3 = bBase + from[Math.min(c + 3, last)]!;
    const adjacent = q1 === q0 + 1 && q2 === q0 + 2 && q3 === q0 + 3;
    for (let r = 0; r < rowsInFours; r += 4) {
      let s00 = 0,
        s01 = 0,
        s02 = 0,
        s03 = 0;
      let s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0;
      let s20 = 0,
        s21 = 0,
        s22 = 0,
        s23 = 0;
      let s30 = 0,
        s31 = 0,
        s32 = 0,
        s33 = 0;
      const a0 = aBase + r * aRow;
      const a1 = a0 + aRow;
      const a2 = a1 + aRow;
      const a3 = a2 + aRow;
      if (adjacent) {
        for (let k = 0; k < depth; k++) {
          const q = q0 + inner[k]!;
          const b0 = b[q]!,
            b1 = b[q + 1]!,
            b2 = b[q + 2]!,
            b3 = b[q + 3]!;
          const x0 = a[a0 + k]!;
          s00 += x0 * b0;
          s01 += x0 * b1;
          s02 += x0 * b2;
          s03 += x0 * b3;
          const x1 = a[a1 + k]!;
          s10 += x1 * b0;
          s11 += x1 * b1;
          s12 += x1 * b2;
          s13 += x1 * b3;
          const x2 = a[a2 + k]!;
          s20 += x2 * b0;
          s21 += x2 * b1;
          s22 += x2 * b2;
          s23 += x2 * b3;
          const x3 = a[a3 + k]!;
          s30 += x3 * b0;
          s31 += x3 * b1;
          s32 += x3 * b2;
          s33 += x3 * b3;
        }
      } else {
        for (let k = 0; k < depth; k++) {
          const q = inner[k]!;
          const b0 = b[q + q0]!,
            b1 = b[q + q1]!,
            b2 = b[q + q2]!,
            b3 = b[q + q3]!;
          const x0 = a[a0 + k]!;
          s00 += x0 * b0;
          s01 += x0 * b1;
          s02 += x0 * b2;
          s03 += x0 * b3;
          const x1 = a[a1 + k]!;
          s10 += x1 * b0;
          s11 += x1 * b1;
          s12 += x1 * b2;
          s13 += x1 * b3;
          const x2 = a[a2 + k]!;
          s20 += x2 * b0;
          s21 += x2 * b1;
          s22 += x2 * b2;
          s23 += x2 * b3;
          const x3 = a[a3 + k]!;
          s30 += x3 * b0;
          s31 += x3 * b1;
          s32 += x3 * b2;
          s33 += x3 * b3;
        }
      }
      const y0 = yBase + r * yRow;
      const y1 = y0 + yRow;
      const y2 = y1 + yRow;
      const y3 = y2 + yRow;
      let t = to[c]!;
      y[y0 + t]! += s00;
      y[y1 + t]! += s10;
      y[y2 + t]! += s20;
      y[y3 + t]! += s30;
      if (c + 1 > last) continue;
      t = to[c + 1]!;
      y[y0 + t]! += s01;
      y[y1 + t]! += s11;
      y[y2 + t]! += s21;
      y[y3 + t]! += s31;
      if (c + 2 > last) continue;
      t = to[c + 2]!;
      y[y0 + t]! += s02;
      y[y1 + t]! += s12;
      y[y2 + t]! += s22;
      y[y3 + t]! += s32;
      if (c + 3 > last) continue;
      t = to[c + 3]!;
      y[y0 + t]! += s03;
      y[y1 + t]! += s13;
      y[y2 + t]! += s23;
      y[y3 + t]! += s33;
    }
    for (let r = rowsInFours; r < rows; r++) {
      let s0 = 0,
        s1 = 0,
        s2 = 0,
        s3 = 0;
      const a0 = aBase + r * aRow;
      if (adjacent) {
        for (let k = 0; k < depth; k++) {
          const x = a[a0 + k]!;
          const q = q0 + inner[k]!;
          s0 += x * b[q]!;
          s1 += x * b[q + 1]!;
          s2 += x * b[q + 2]!;
          s3 += x * b[q + 3]!;
        }
      } else {
        for (let k = 0; k < depth; k++) {
          const x = a[a0 + k]!;
          const q = inner[k]!;
          s0 += x * b[q + q0]!;
          s1 += x * b[q + q1]!;
          s2 += x * b[q + q2]!;
          s3 += x * b[q + q3]!;
        }
      }
      const y0 = yBase + r * yRow;
      y[y0 + to[c]!]! += s0;
      if (c + 1 <= last) y[y0 + to[c + 1]!]! += s1;
      if (c + 2 <= last) y[y0 + to[c + 2]!]! += s2;
      if (c + 3 <= last) y[y0 + to[c + 3]!]! += s3;
    }
  }
}
