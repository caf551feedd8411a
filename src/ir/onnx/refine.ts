import type { Value } from '../graph.js';
import type { ResultFacts } from '../ops/operator.js';
import type { Dim } from '../shape.js';
import type { DeclaredType } from './value-info.js';

/**
 * Results with the symbols that this node brings in replaced by the sizes that the file declares for them.
 * Symbols of the inputs stay: another size for them would hold here only.
 */
export function refineResults(
  results: readonly ResultFacts[],
  inputs: readonly (Value | undefined)[],
  declared: readonly (DeclaredType | undefined)[],
): readonly ResultFacts[] {
  const sizes = new Map<string, number>();
  for (const [i, { type }] of results.entries()) {
    const shape = declared[i]?.shape;
    if (shape?.length !== type.shape.length) continue;
    for (const [axis, dim] of type.shape.entries()) {
      const size = shape[axis];
      if (typeof dim === 'string' && typeof size === 'number' && !sizes.has(dim)) sizes.set(dim, size);
    }
  }
  if (sizes.size === 0) return results;
  for (const input of inputs) {
    for (const dim of [...(input?.type.shape ?? []), ...(input?.contents ?? [])]) {
      if (typeof dim === 'string') sizes.delete(dim);
    }
  }
  const replace = (dim: Dim): Dim => (typeof dim === 'string' ? (sizes.get(dim) ?? dim) : dim);
  return results.map(({ type, contents }) => ({
    type: { ...type, shape: type.shape.map(replace) },
    contents: contents?.map(replace),
  }));
}
