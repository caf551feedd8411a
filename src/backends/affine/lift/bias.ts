import type { Value } from '../../../ir/graph.js';
import { roundHalfEven } from '../../../runtime/float/floats.js';
import { constantTensor } from './evaluate.js';
import { quantisedTensor } from './quantised-tensor.js';

/** A constant addend of a layer: real number = value · scale, element by element. */
export interface Addend {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  /** One, or one an element. */
  readonly scales: readonly number[];
  /** Whether the file has integers, whose scale may be that of the accumulator. */
  readonly quantised: boolean;
}

/** Reads a bias: floats, or constant integers behind a DequantizeLinear; undefined for what is computed. */
export function addendOf(value: Value): Addend | undefined {
  const tensor = quantisedTensor(value);
  if (tensor === undefined || 'declined' in tensor) {
    const floats = constantTensor(value);
    return floats && { dims: floats.dims, values: floats.toNumbers(), scales: [1], quantised: false };
  }
  const integers = constantTensor(tensor.integers);
  if (integers === undefined || (tensor.axis !== undefined && tensor.scales.length !== integers.size)) return undefined;
  const zeroAt = (i: number): number => tensor.zeros[tensor.zeros.length === 1 ? 0 : i] ?? 0;
  const values = integers.toNumbers().map((item, i) => item - zeroAt(i));
  return { dims: integers.dims, values, scales: tensor.scales, quantised: true };
}

/** Scales that differ by no more than this are one scale, computed in another order or precision. */
const SAME_SCALE = 2 ** -20;

/** A float32 that stands for an integer lies no further from it, relatively. */
const FLOAT32_ROUNDING = 2 ** -22;

/** A bias in units of the accumulator. */
export interface IntegerBias {
  readonly integers: readonly number[];
  /** The largest part of a unit that rounding took away; 0 where the float32 numbers stand for integers. */
  readonly error: number;
}

/**
 * Brings an addend to the scale of the accumulator, of which there is one or one a channel: integers of that scale stay
 * as they are, everything else is rounded to the nearest integer, halves to even.
 */
export function integerBias({ values, scales, quantised }: Addend, units: readonly number[]): IntegerBias {
  let error = 0;
  const count = Math.max(values.length, units.length);
  const integers = Array.from({ length: count }, (_, channel) => {
    const at = (list: readonly number[]): number => list[list.length === 1 ? 0 : channel] ?? 0;
    const ratio = at(scales) / at(units);
    if (quantised && Math.abs(ratio - 1) <= SAME_SCALE) return at(values);
    const exact = at(values) * ratio;
    const rounded = roundHalfEven(exact);
    const missing = Math.abs(exact - rounded);
    if (missing > Math.abs(exact) * FLOAT32_ROUNDING) error = Math.max(error, missing);
    return rounded;
  });
  return { integers, error };
}
