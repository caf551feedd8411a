import type { GramMatrix } from './gram.js';

/** The moments of the patches of two observers of one layer together. Both know a reference, and products, or neither does. */
export function mergeMoments(a: GramMatrix, b: GramMatrix): GramMatrix {
  const patches = a.patches + b.patches;
  const share = b.patches / patches;
  const merge = (of: Float64Array, others: Float64Array): Float64Array =>
    of.map((moment, i) => moment + share * ((others[i] ?? 0) - moment));
  return {
    groups: a.groups,
    taps: a.taps,
    patches,
    mean: merge(a.mean, b.mean),
    diagonal: merge(a.diagonal, b.diagonal),
    products: a.products && b.products && merge(a.products, b.products),
    reference: a.reference &&
      b.reference && {
        mean: merge(a.reference.mean, b.reference.mean),
        products: merge(a.reference.products, b.reference.products),
      },
  };
}
