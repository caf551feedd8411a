import { uniformSource } from '../../src/ir/random.js';
import type { GramMatrix } from '../../src/passes/calibration/gram.js';

/** Moments of `patches` seeded random patches, whose taps are correlated and have a mean, for each group. */
export function randomGram(groups: number, taps: number, patches: number, seed: number): GramMatrix {
  const next = uniformSource(seed);
  const mean = new Float64Array(groups * taps);
  const diagonal = new Float64Array(groups * taps);
  const products = new Float64Array(groups * taps * taps);
  for (let group = 0; group < groups; group++) {
    for (let patch = 0; patch < patches; patch++) {
      const common = next();
      const x = Float64Array.from({ length: taps }, (_, i) => 0.5 + common + next() * (1 + (i % 3)));
      for (let i = 0; i < taps; i++) {
        const row = group * taps + i;
        mean[row] = (mean[row] ?? 0) + (x[i] ?? 0) / patches;
        diagonal[row] = (diagonal[row] ?? 0) + (x[i] ?? 0) ** 2 / patches;
        for (let j = 0; j < taps; j++) {
          products[row * taps + j] = (products[row * taps + j] ?? 0) + ((x[i] ?? 0) * (x[j] ?? 0)) / patches;
        }
      }
    }
  }
  return { groups, taps, patches, mean, diagonal, products, reference: undefined };
}

/** `count` seeded random weights of a bell-shaped distribution. */
export function randomWeights(count: number, seed: number): Float32Array {
  const next = uniformSource(seed);
  return Float32Array.from({ length: count }, () => next() + next() + next());
}
