import type { Quantisation } from '../ir/graph.js';

/** Widths of weights and activations (spec 1.1). */
export const WIDTHS = [8, 4, 2] as const;
/** Width of weights or activations. */
export type Bits = (typeof WIDTHS)[number];

/** Integers lo … hi of a tensor (spec 1.1). */
export function integersOf({ bits, signed }: Pick<Quantisation, 'bits' | 'signed'>): {
  readonly lo: number;
  readonly hi: number;
} {
  return signed ? { lo: -(2 ** (bits - 1)), hi: 2 ** (bits - 1) - 1 } : { lo: 0, hi: 2 ** bits - 1 };
}

/** Largest magnitude of a weight of `bits` bits: 127, 7, 1 (spec 1.1). */
export const weightLimit = (bits: number): number => 2 ** (bits - 1) - 1;
