import type { DType } from '../../ir/dtype.js';

const FIXED = /^(u?)int(?:_least|_fast)?(8|16|32|64)(?:_t)?$/i;
const SHORT = /^([usi])(8|16|32|64)$/i;
/** Fixed-point types of CMSIS, by their bits behind the sign. */
const FRACTION = /^q(7|15|31|63)(?:_t)?$/i;
const FLOATS: readonly (readonly [pattern: RegExp, dtype: DType])[] = [
  [/^(?:float|float32|float32_t|f32|real32_t)$/i, 'float32'],
  [/^(?:double|float64|float64_t|f64|real64_t|real_t)$/i, 'float64'],
];

/**
 * The element type that the words of a declaration say: of C, of stdint.h, and the names that libraries of vendors give them;
 * undefined for none of numbers.
 */
export function cTypeOf(words: readonly string[]): DType | undefined {
  const has = (word: string): boolean => words.includes(word);
  if (has('typedef') || has('struct')) return undefined;
  for (const [pattern, dtype] of FLOATS) if (words.some((word) => pattern.test(word))) return dtype;
  for (const word of words) {
    const [, unsigned, width] = FIXED.exec(word) ?? SHORT.exec(word) ?? [];
    if (width !== undefined) return `${unsigned?.toLowerCase() === 'u' ? 'uint' : 'int'}${width}` as DType;
    const [, bits] = FRACTION.exec(word) ?? [];
    if (bits !== undefined) return `int${Number(bits) + 1}` as DType;
  }
  if (has('bool') || has('_Bool')) return 'uint8';
  const sign = has('unsigned') ? 'uint' : 'int';
  if (has('char')) return `${sign}8`;
  if (has('short')) return `${sign}16`;
  if (words.filter((word) => word === 'long').length === 2) return `${sign}64`;
  return has('int') || has('long') || has('unsigned') ? `${sign}32` : undefined;
}
