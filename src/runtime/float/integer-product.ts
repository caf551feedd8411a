import type { Product } from './product.js';

/** Adds the product of 32-bit integers to Y modulo 2^32. */
export function multiplyInt32(product: Product, aBase: number, bBase: number, yBase: number): void {
  const { rows, a, aRow, b, inner, from, y, yRow, to } = product;
  for (let r = 0; r < rows; r++) {
    const row = aBase + r * aRow;
    for (let c = 0; c < from.length; c++) {
      const column = bBase + from[c]!;
      const target = yBase + r * yRow + to[c]!;
      let sum = y[target]!;
      for (let k = 0; k < inner.length; k++) sum = (sum + Math.imul(a[row + k]!, b[column + inner[k]!]!)) | 0;
      y[target] = sum;
    }
  }
}

/** Adds the product of 64-bit integers to Y modulo 2^64. */
export function multiplyInt64(
  product: Product<BigInt64Array | BigUint64Array>,
  aBase: number,
  bBase: number,
  yBase: number,
): void {
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
