import type { NumberArray } from '../../ir/dtype.js';

/** A row of the input and the weight it is multiplied by. */
export interface Taps {
  readonly weights: Int32Array;
  /** Index of the first element of each row. */
  readonly starts: Int32Array;
  count: number;
}

/** Room for `capacity` taps. */
export function makeTaps(capacity: number): Taps {
  return { weights: new Int32Array(capacity), starts: new Int32Array(capacity), count: 0 };
}

/**
 * into[at + i] += Σ_t weights[t] · from[starts[t] + i·step] for i < length, in 32-bit integers.
 * Four taps a sweep: the accumulator is loaded and stored once for four products.
 */
export function accumulate(
  into: Int32Array,
  at: number,
  length: number,
  from: NumberArray,
  step: number,
  taps: Taps,
): void {
  const { weights, starts, count } = taps;
  let t = 0;
  for (; t + 4 <= count; t += 4) {
    const w0 = weights[t]!;
    const w1 = weights[t + 1]!;
    const w2 = weights[t + 2]!;
    const w3 = weights[t + 3]!;
    let s0 = starts[t]!;
    let s1 = starts[t + 1]!;
    let s2 = starts[t + 2]!;
    let s3 = starts[t + 3]!;
    for (let i = 0; i < length; i++) {
      into[at + i] = (into[at + i]! + w0 * from[s0]! + w1 * from[s1]! + w2 * from[s2]! + w3 * from[s3]!) | 0;
      s0 += step;
      s1 += step;
      s2 += step;
      s3 += step;
    }
  }
  for (; t < count; t++) {
    const w = weights[t]!;
    let s = starts[t]!;
    for (let i = 0; i < length; i++, s += step) into[at + i] = (into[at + i]! + w * from[s]!) | 0;
  }
}
