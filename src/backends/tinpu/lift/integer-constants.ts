import type { DType } from '../../../ir/dtype.js';
import type { ConstantValue, Value } from '../../../ir/graph.js';
import { numberData, Tensor } from '../../../ir/tensor.js';

/** A float constant all of whose elements are integers in lo … hi, as a tensor of that type; undefined otherwise. */
export function integerTensor(value: ConstantValue, dtype: DType, lo: number, hi: number): Tensor | undefined {
  const data = numberData(value.constant);
  if (data === undefined) return undefined;
  for (const item of data) if (!Number.isInteger(item) || item < lo || item > hi) return undefined;
  const result = Tensor.zeros(dtype, value.constant.dims);
  const into = numberData(result);
  into?.set(data);
  return result;
}

/** The elements of a constant that applies per channel on axis 1 of a tensor of `rank` axes, or to all channels alike. */
export function perChannel(value: ConstantValue, rank: number): readonly number[] | undefined {
  const { dims } = value.constant;
  const offset = rank - dims.length;
  if (offset < 0 || !dims.every((dim, i) => dim === 1 || i + offset === 1)) return undefined;
  return value.constant.toNumbers();
}

/** The element of a constant that holds just one. */
export function scalarOf(value: Value | undefined): number | undefined {
  const tensor = value?.constant;
  return tensor?.size === 1 ? tensor.toNumbers()[0] : undefined;
}

/** n with x = 2^-n, n in 0 … 31. */
export function shiftOf(x: number): number | undefined {
  const n = 0 - Math.log2(x);
  return Number.isInteger(n) && n >= 0 && n <= 31 && 2 ** -n === x ? n : undefined;
}

/** The integers by which TI's files multiply have up to 12 bits (spec 1.4). */
export const MOST_SCALE = 4095;

/** x = factor · 2^-shift with the least shift in 0 … 31 and an integer factor of magnitude up to `most`. */
export function dyadicOf(x: number, most: number): { readonly factor: number; readonly shift: number } | undefined {
  for (let shift = 0; shift <= 31; shift++) {
    const factor = x * 2 ** shift;
    if (Math.abs(factor) > most) return undefined;
    if (Number.isInteger(factor)) return { factor, shift };
  }
  return undefined;
}

/** Whether multiplying by x changes no float32 but in its exponent. */
export const isPowerOfTwo = (x: number): boolean => x > 0 && Number.isInteger(Math.log2(x));
