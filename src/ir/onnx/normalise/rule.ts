import { allocate, type DType } from '../../dtype.js';
import { Tensor } from '../../tensor.js';
import { bfloat16FromBits, bfloat16ToBits, float16FromBits, float16ToBits } from '../float16.js';
import type { Draft } from './draft.js';

/** Turns one older form of an operator into the newest one. */
export interface NormalRule {
  /** The operators that the rule is for; every one when omitted. */
  readonly ops?: readonly string[];
  /** The form belongs to opsets before this one; to all when omitted. */
  readonly below?: number;
  /**
   * Changes the draft and says in a few words what it did; undefined when there was nothing to do.
   * @throws OperatorFault when the old form has no equal in the new one.
   */
  readonly apply: (draft: Draft) => string | undefined;
}

/** `a`, `a and b`, `a, b and c`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;

/** `the attribute a becomes an input`, `the attributes a and b become inputs`. */
export const becomeInputs = (names: readonly string[]): string | undefined => {
  if (names.length === 0) return undefined;
  return names.length === 1
    ? `the attribute ${listed(names)} becomes an input`
    : `the attributes ${listed(names)} become inputs`;
};

/** `a, b and c dropped`; undefined for none. */
export const dropped = (names: readonly string[], why: string): string | undefined =>
  names.length === 0 ? undefined : `${listed(names)} ${names.length === 1 ? 'is' : 'are'} dropped: ${why}`;

/** Several remarks as one; undefined for none. */
export const remarks = (...texts: readonly (string | undefined)[]): string | undefined => {
  const present = texts.filter((text) => text !== undefined);
  return present.length === 0 ? undefined : present.join('; ');
};

/** A scalar of the element type nearest to `value`. */
export function scalarOf(dtype: DType, value: number): Tensor {
  const data = allocate(dtype, 1);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[0] = BigInt(Math.trunc(value));
  else if (dtype === 'float16') data[0] = float16FromBits(float16ToBits(value));
  else if (dtype === 'bfloat16') data[0] = bfloat16FromBits(bfloat16ToBits(value));
  else data[0] = value;
  return new Tensor(dtype, [], data);
}
