import type { Quantisation } from '../ir/graph.js';

/** Integers lo … hi of a tensor (spec 1.1). */
export function integersOf({ bits, signed }: Pick<Quantisation, 'bits' | 'signed'>): {
  readonly lo: number;
  readonly hi: number;
} {
  return signed ? { lo: -(2 ** (bits - 1)), hi: 2 ** (bits - 1) - 1 } : { lo: 0, hi: 2 ** bits - 1 };
}

/** Largest magnitude of a weight of `bits` bits: 127, 7, 1 (spec 1.1). */
export const weightLimit = (bits: number): number => 2 ** (bits - 1) - 1;

/** Nearest integer, ties to even, as torch.round and ONNX Round do. Exact below 2^52. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
