/** Conversions between the bit patterns of 16-bit floats and the values they stand for. */

const WORD = new Uint32Array(1);
const FLOAT = new Float32Array(WORD.buffer);

/** The value of an IEEE 754 binary16 bit pattern. */
export function float16FromBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (fraction + 1024) * 2 ** (exponent - 25);
}

/** The binary16 bit pattern nearest to `value`, ties to even. */
export function float16ToBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = exponentOf(magnitude);
  return sign | (((exponent + 14) << 10) + roundToEven(magnitude * 2 ** (10 - exponent)));
}

/** The value of a bfloat16 bit pattern. */
export function bfloat16FromBits(bits: number): number {
  WORD[0] = (bits & 0xffff) << 16;
  return FLOAT[0] ?? 0;
}

/** The bfloat16 bit pattern nearest to `value`, ties to even. */
export function bfloat16ToBits(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  FLOAT[0] = value;
  let bits = WORD[0] ?? 0;
  // What float32 has no room for becomes an odd last bit, so that rounding on decides as it would on the value itself.
  if (FLOAT[0] !== value) bits = (Math.abs(FLOAT[0]) > Math.abs(value) ? bits - 1 : bits) | 1;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** floor(log2(magnitude)) of a normal number. */
function exponentOf(magnitude: number): number {
  FLOAT[0] = magnitude;
  const exponent = ((WORD[0] ?? 0) >>> 23) - 127;
  return magnitude < 2 ** exponent ? exponent - 1 : exponent;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
