import { integerRange, isFloat, type DType } from '../../ir/dtype.js';
import { bfloat16FromBits, bfloat16ToBits, float16FromBits, float16ToBits } from '../../ir/onnx/float16.js';
import { isNarrowFloat, roundToNarrow, SATURATING, type NarrowConversion } from '../../ir/onnx/narrow-floats.js';
import { numberData, type Tensor } from '../../ir/tensor.js';

/** The nearest value that a float type of 16 bits or fewer holds; undefined for types whose store rounds by itself. */
export function shortFloatRounding(
  dtype: DType,
  conversion: NarrowConversion = SATURATING,
): ((value: number) => number) | undefined {
  if (dtype === 'float16') return (value) => float16FromBits(float16ToBits(value));
  if (dtype === 'bfloat16') return (value) => bfloat16FromBits(bfloat16ToBits(value));
  if (isNarrowFloat(dtype)) return (value) => roundToNarrow(dtype, value, conversion);
  return undefined;
}

const INT64 = { lo: -(2n ** 63n), hi: 2n ** 63n - 1n };
const UINT64 = { lo: 0n, hi: 2n ** 64n - 1n };

/**
 * Writes real numbers to the elements of `target`: rounded to nearest for floats; for integers truncated towards zero,
 * clamped to the range of the type, and 0 for NaN.
 */
export function storeNumbers(values: ArrayLike<number>, target: Tensor): void {
  const numbers = numberData(target);
  if (numbers === undefined) storeBigints(values, target);
  else if (isFloat(target.dtype)) {
    const round = shortFloatRounding(target.dtype);
    if (round === undefined) numbers.set(values);
    else for (let i = 0; i < numbers.length; i++) numbers[i] = round(values[i]!);
  } else {
    const { lo, hi } = target.dtype === 'bool' ? { lo: 0, hi: 1 } : integerRange(target.dtype);
    for (let i = 0; i < numbers.length; i++) numbers[i] = Math.trunc(Math.min(Math.max(values[i]!, lo), hi));
  }
}

function storeBigints(values: ArrayLike<number>, target: Tensor): void {
  const data = target.data as BigInt64Array | BigUint64Array;
  const { lo, hi } = target.dtype === 'int64' ? INT64 : UINT64;
  for (let i = 0; i < data.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) data[i] = value > 0 ? hi : value < 0 ? lo : 0n;
    else {
      const integer = BigInt(Math.trunc(value));
      data[i] = integer < lo ? lo : integer > hi ? hi : integer;
    }
  }
}
