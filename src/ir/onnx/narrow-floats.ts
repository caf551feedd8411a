/** Floats of 8 and 4 bits: bit patterns, values and rounding ("Float stored in 8 bits", "in 4 bits" of the ONNX documents). */

/** Element types whose values fit a table. */
export type NarrowFloat =
  'float8e4m3fn' | 'float8e4m3fnuz' | 'float8e5m2' | 'float8e5m2fnuz' | 'float8e8m0' | 'float4e2m1';

/** How FLOAT8E8M0, which holds powers of two only, takes numbers between two of them: `nearest` rounds halves up. */
export type ScaleRounding = 'up' | 'down' | 'nearest';

/** What Cast and QuantizeLinear say about values that a type does not hold. */
export interface NarrowConversion {
  /** Whether what is beyond the largest value, infinity included, becomes that value; otherwise infinity, or NaN where there is none. */
  readonly saturate: boolean;
  readonly round: ScaleRounding;
}

/** What the attributes are by default. */
export const SATURATING: NarrowConversion = { saturate: true, round: 'up' };

interface Format {
  /** Values of the codes from 0 on, ascending. */
  readonly magnitudes: readonly number[];
  /** The bit that negates; 0 for a type without negative values. */
  readonly sign: number;
  readonly negativeZero: boolean;
  /** Undefined for types without it. */
  readonly infinity?: number;
  readonly nan?: number;
}

const FORMATS: Readonly<Record<NarrowFloat, Format>> = {
  float8e4m3fn: { magnitudes: magnitudes(127, 3, 7), sign: 0x80, negativeZero: true, nan: 0x7f },
  float8e4m3fnuz: { magnitudes: magnitudes(128, 3, 8), sign: 0x80, negativeZero: false, nan: 0x80 },
  float8e5m2: { magnitudes: magnitudes(124, 2, 15), sign: 0x80, negativeZero: true, infinity: 0x7c, nan: 0x7f },
  float8e5m2fnuz: { magnitudes: magnitudes(128, 2, 16), sign: 0x80, negativeZero: false, nan: 0x80 },
  float8e8m0: {
    magnitudes: Array.from({ length: 255 }, (_, code) => 2 ** (code - 127)),
    sign: 0,
    negativeZero: false,
    nan: 0xff,
  },
  float4e2m1: { magnitudes: magnitudes(8, 1, 1), sign: 0x8, negativeZero: true },
};

export const isNarrowFloat = (dtype: string): dtype is NarrowFloat => Object.hasOwn(FORMATS, dtype);

/** The value of a bit pattern. */
export function narrowFromBits(dtype: NarrowFloat, bits: number): number {
  const { magnitudes, sign, negativeZero, infinity } = FORMATS[dtype];
  const code = bits & ~sign;
  const negative = (bits & sign) !== 0;
  if (negative && code === 0 && !negativeZero) return NaN;
  const magnitude = code === infinity ? Infinity : (magnitudes[code] ?? NaN);
  return negative ? -magnitude : magnitude;
}

/** The bit pattern of a value that the type holds. */
export function narrowToBits(dtype: NarrowFloat, value: number): number {
  const { magnitudes, sign, negativeZero, infinity, nan = 0 } = FORMATS[dtype];
  if (Number.isNaN(value)) return nan;
  const code = Number.isFinite(value) ? indexBelow(magnitudes, Math.abs(value)) : (infinity ?? nan);
  const negative = value < 0 || (negativeZero && Object.is(value, -0));
  return negative ? code | sign : code;
}

/**
 * The nearest value that a type holds, ties to an even bit pattern; FLOAT8E8M0 rounds as told, and takes what is not above its
 * least value for that one. FLOAT4E2M1 always saturates; it has no NaN, which becomes -0 as in ONNX's own backend suite.
 */
export function roundToNarrow(dtype: NarrowFloat, value: number, { saturate, round }: NarrowConversion): number {
  const { magnitudes, sign, negativeZero, infinity, nan } = FORMATS[dtype];
  const top = magnitudes.at(-1) ?? 0;
  if (Number.isNaN(value)) return nan === undefined ? -0 : NaN;
  const clamps = saturate || nan === undefined;
  if (sign === 0) return roundScale(magnitudes, value, clamps, round);
  const magnitude = Math.abs(value);
  const rounded = nearest(magnitudes, magnitude);
  const kept = rounded <= top ? rounded : clamps ? top : infinity === undefined ? NaN : Infinity;
  if (kept === 0 && !negativeZero) return 0;
  return value < 0 || Object.is(value, -0) ? -kept : kept;
}

/** 2^e for a positive number; what is outside the type is its least or largest value, or NaN. */
function roundScale(scales: readonly number[], value: number, clamps: boolean, round: ScaleRounding): number {
  const [least = 0] = scales;
  const top = scales.at(-1) ?? 0;
  if (!(value >= least)) return clamps ? least : NaN;
  if (value > top) return clamps ? top : NaN;
  const below = scales[indexBelow(scales, value)] ?? least;
  const up = round === 'up' ? value > below : round === 'nearest' && value >= below * 1.5;
  return up ? below * 2 : below;
}

/** The nearest of ascending values, as if they went on beyond the last at the same distance. */
function nearest(values: readonly number[], value: number): number {
  const index = indexBelow(values, value);
  const below = values[index] ?? 0;
  const above = values[index + 1] ?? 2 * below - (values[index - 1] ?? 0);
  const excess = value - below - (above - value);
  return excess > 0 || (excess === 0 && index % 2 === 1) ? above : below;
}

/** The place of the last of ascending values that is at most `value`, which is not below the first. */
function indexBelow(values: readonly number[], value: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] ?? Infinity) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The values of the first `count` codes: subnormal ones, then 2^(exponent - bias) · (1 + fraction / 2^fractionBits). */
function magnitudes(count: number, fractionBits: number, bias: number): number[] {
  const steps = 2 ** fractionBits;
  return Array.from({ length: count }, (_, code) => {
    const exponent = Math.floor(code / steps);
    const fraction = code % steps;
    return exponent === 0
      ? fraction * 2 ** (1 - bias - fractionBits)
      : (steps + fraction) * 2 ** (exponent - bias - fractionBits);
  });
}
