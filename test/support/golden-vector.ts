import type { GoldenVector } from '../../src/runtime/vectors/golden-vector.js';

/** A vector of nothing but the given parts. */
export const vector = (parts: Partial<GoldenVector>): GoldenVector => ({
  label: '',
  inputs: [],
  integers: [],
  outputs: [],
  tensors: [],
  ...parts,
});
