import { Tensor } from '../../ir/tensor.js';
import { formatFault, type SourceName } from '../formats/format-fault.js';
import type { CArray } from './c-arrays.js';

/**
 * The input sequence of a generated header: clip(((x + bias) · scale) >> shift). Channel c (axis 1) has entry c modulo the
 * length of each list, so that one entry may serve all channels (spec 4.4).
 */
export interface InputSequence {
  /** What the names of its arrays begin with. */
  readonly prefix: string;
  readonly bias: Float32Array;
  readonly scale: Float32Array;
  readonly shift: Int32Array;
}

/** The integers lo … hi that an input sequence clips to. */
export interface ClipRange {
  readonly lo: number;
  readonly hi: number;
}

/** `floor`: of the shifted product, as ONNX says. `truncate`: C code that casts the product to int32 and then shifts it. */
export type SequenceRounding = 'floor' | 'truncate';

/**
 * The integers of a float input [N, C, …], every step rounded to float32; an input of one axis or none is one channel.
 * Truncation differs by 1 where the product is negative and its whole part a multiple of 2^shift.
 */
export function applyInputSequence(
  x: Tensor,
  { bias, scale, shift }: InputSequence,
  { lo, hi }: ClipRange,
  rounding: SequenceRounding = 'floor',
): Tensor<'int16'> {
  const result = Tensor.zeros('int16', x.dims);
  const channels = x.rank > 1 ? x.dims[1]! : 1;
  const inner = x.dims.slice(2).reduce((product, dim) => product * dim, 1);
  for (let i = 0; i < x.size; i++) {
    const c = x.rank > 1 ? Math.floor(i / inner) % channels : 0;
    const sum = Math.fround(Math.fround(Number(x.data[i])) + bias[c % bias.length]!);
    const product = Math.fround(sum * scale[c % scale.length]!);
    const whole = rounding === 'truncate' ? Math.trunc(product) : product;
    const value = Math.floor(whole * 2 ** -shift[c % shift.length]!);
    result.data[i] = Math.min(hi, Math.max(lo, value));
  }
  return result;
}

const PART = /^(.*)_(bias|scale|shift)_data$/;

/** Whether an array is a part of an input sequence, by its name. */
export const isSequencePart = (name: string): boolean => PART.test(name);

/**
 * The input sequences among the arrays of a C file: `…_bias_data`, `…_scale_data` and `…_shift_data` of one prefix.
 * @throws UserError `invalid-header` when a list is missing or empty, or a shift is not 0 … 31.
 */
export function readInputSequences(arrays: readonly CArray[], source: SourceName): readonly InputSequence[] {
  const parts = new Map<string, Map<string, CArray>>();
  for (const array of arrays) {
    const [, prefix, part] = PART.exec(array.name) ?? [];
    if (prefix === undefined || part === undefined) continue;
    const own = parts.get(prefix) ?? new Map<string, CArray>();
    parts.set(prefix, own.set(part, array));
  }
  return [...parts].map(([prefix, lists]) => {
    const numbers = (part: string): number[] => {
      const values = lists.get(part)?.tensor.toNumbers() ?? [];
      if (values.length > 0) return values;
      const message = `the input sequence '${prefix}' has no ${part}: an array '${prefix}_${part}_data' is looked for`;
      throw formatFault('invalid-header', message, source);
    };
    const [bias, scale, shift] = [numbers('bias'), numbers('scale'), numbers('shift')];
    const odd = shift.find((n) => !Number.isInteger(n) || n < 0 || n > 31);
    if (odd !== undefined) {
      throw formatFault('invalid-header', `'${prefix}_shift_data' has a shift of ${odd}, accepted: 0 … 31`, source);
    }
    return {
      prefix,
      bias: Float32Array.from(bias),
      scale: Float32Array.from(scale),
      shift: Int32Array.from(shift),
    };
  });
}
