/** A rational number; the denominator is positive. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

/** A float64 number as what it is: an integer times a power of two. */
export function fractionOf(x: number): Fraction {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const mantissa = (bits & ((1n << 52n) - 1n)) | (exponent === 0 ? 0n : 1n << 52n);
  const power = Math.max(exponent, 1) - 1075;
  const signed = bits >> 63n === 1n ? -mantissa : mantissa;
  return power >= 0 ? { n: signed << BigInt(power), d: 1n } : { n: signed, d: 1n << BigInt(-power) };
}

export const times = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d });
export const plus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
export const whole = (n: bigint | number): Fraction => ({ n: BigInt(n), d: 1n });
export const over = ({ n, d }: Fraction, divisor: number): Fraction => ({ n, d: d * BigInt(divisor) });

/** The nearest integer, halves to even. */
export function roundFraction({ n, d }: Fraction): bigint {
  const floor = n >= 0n ? n / d : -((-n + d - 1n) / d);
  const twice = 2n * (n - floor * d);
  if (twice < d) return floor;
  if (twice > d) return floor + 1n;
  return floor % 2n === 0n ? floor : floor + 1n;
}

/** clip(value + zero, lo, hi) */
export function clamp(value: bigint, zero: number, lo: number, hi: number): number {
  const sum = value + BigInt(zero);
  return Number(sum < BigInt(lo) ? BigInt(lo) : sum > BigInt(hi) ? BigInt(hi) : sum);
}
