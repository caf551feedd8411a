import type { FloatArray } from './floats.js';

/**
 * Computes `n` neighbouring elements of a result: y[yi + k] from a[ai + k · as] and b[bi + k · bs]. A step of 0 repeats
 * an element. Integers of at most 32 bits reach a loop as float64, truth values as 0 and 1, and leave it so.
 */
export type BinaryLoop = (
  a: FloatArray,
  ai: number,
  as: number,
  b: FloatArray,
  bi: number,
  bs: number,
  y: FloatArray,
  yi: number,
  n: number,
) => void;

export const add: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! + b[bi]!;
};

export const subtract: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! - b[bi]!;
};

export const multiply: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! * b[bi]!;
};

/** The low 32 bits of the product, which float64 would round. */
export const multiplyIntegers: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = Math.imul(a[ai]!, b[bi]!);
};

export const divide: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! / b[bi]!;
};

export const smaller: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = Math.min(a[ai]!, b[bi]!);
};

export const larger: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = Math.max(a[ai]!, b[bi]!);
};

/** The remainder with the sign of the dividend, as `fmod` and `%` of C. */
export const remainder: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! % b[bi]!;
};

/** The remainder with the sign of the divisor, as `%` of Python. */
export const modulo: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
    const divisor = b[bi]!;
    const rest = a[ai]! % divisor;
    y[yi] = (rest < 0 && divisor > 0) || (rest > 0 && divisor < 0) ? rest + divisor : rest;
  }
};

/** x where it is not negative, slope · x elsewhere. */
export const leak: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
    const v = a[ai]!;
    y[yi] = v < 0 ? v * b[bi]! : v;
  }
};

export const leakIntegers: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
    const v = a[ai]!;
    y[yi] = v < 0 ? Math.imul(v, b[bi]!) : v;
  }
};

export const bitAnd: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! & b[bi]!;
};

export const bitOr: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! | b[bi]!;
};

export const bitXor: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = a[ai]! ^ b[bi]!;
};

/** Bits shifted out are lost, 32 places shift out all. */
export const shiftLeft: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = b[bi]! < 32 ? a[ai]! << b[bi]! : 0;
};

export const shiftRight: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = b[bi]! < 32 ? a[ai]! >>> b[bi]! : 0;
};

export const equal: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = +(a[ai] === b[bi]);
};

export const greater: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = +(a[ai]! > b[bi]!);
};

export const greaterOrEqual: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = +(a[ai]! >= b[bi]!);
};

export const less: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = +(a[ai]! < b[bi]!);
};

export const lessOrEqual: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) y[yi] = +(a[ai]! <= b[bi]!);
};

/** As C's pow where that differs from JavaScript: 1 to the power NaN and ±1 to the power ±∞ are 1. */
export const power: BinaryLoop = (a, ai, as, b, bi, bs, y, yi, n) => {
  for (const end = yi + n; yi < end; yi++, ai += as, bi += bs) {
    const base = a[ai]!;
    const exponent = b[bi]!;
    y[yi] = base === 1 || (base === -1 && Math.abs(exponent) === Infinity) ? 1 : base ** exponent;
  }
};
