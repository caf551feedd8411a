import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldOutError } from '../../../src/backends/weights/held-out-error.js';
import type { GramMatrix } from '../../../src/passes/calibration/gram.js';

const [GROUPS, TAPS, PATCHES] = [2, 3, 5];
const values = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -64, max: 64 }), { minLength: length, maxLength: length });
const patches = values(GROUPS * TAPS * PATCHES);

/** Moments of patches[group, patch, tap], written down as they are defined. */
function momentsOf(x: readonly number[], r: readonly number[] | undefined): GramMatrix {
  const at = (of: readonly number[], group: number, patch: number, tap: number): number =>
    of[(group * PATCHES + patch) * TAPS + tap] ?? NaN;
  const average = (value: (patch: number) => number): number =>
    Array.from({ length: PATCHES }, (_, patch) => value(patch)).reduce((a, b) => a + b) / PATCHES;
  const taps = Array.from({ length: GROUPS * TAPS }, (_, i) => ({ group: Math.floor(i / TAPS), tap: i % TAPS }));
  const mean = (of: readonly number[]): Float64Array =>
    Float64Array.from(taps, ({ group, tap }) => average((patch) => at(of, group, patch, tap)));
  const products = (others: readonly number[]): Float64Array =>
    Float64Array.from(
      taps.flatMap(({ group, tap }) =>
        Array.from({ length: TAPS }, (_, other) =>
          average((patch) => at(x, group, patch, tap) * at(others, group, patch, other)),
        ),
      ),
    );
  const diagonal = Float64Array.from(taps, ({ group, tap }) => average((patch) => at(x, group, patch, tap) ** 2));
  return {
    groups: GROUPS,
    taps: TAPS,
    patches: PATCHES,
    mean: mean(x),
    diagonal,
    products: products(x),
    reference: r && { mean: mean(r), products: products(r) },
  };
}

describe('heldOutError', () => {
  it.each([true, false])(
    'is the squared error on the patches, less the energy of what is wanted (reference: %s)',
    (crossed) => {
      fc.assert(
        fc.property(
          patches,
          patches,
          values(TAPS),
          values(TAPS),
          fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 9 })),
          fc.integer({ min: 0, max: GROUPS - 1 }),
          (x, other, weights, levels, [bias, realBias, scale], group) => {
            const r = crossed ? other : x;
            const row = (of: readonly number[], patch: number): number[] =>
              of.slice((group * PATCHES + patch) * TAPS, (group * PATCHES + patch + 1) * TAPS);
            const dot = (a: readonly number[], b: readonly number[]): number =>
              a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
            let expected = 0;
            for (let patch = 0; patch < PATCHES; patch++) {
              const y = (scale / 8) * dot(levels, row(x, patch)) + bias;
              const t = dot(weights, row(r, patch)) + realBias;
              expected += ((y - t) ** 2 - t ** 2) / PATCHES;
            }
            const error = heldOutError(
              momentsOf(x, crossed ? r : undefined),
              group,
              { weights: Float64Array.from(weights), bias: realBias },
              { levels: Float64Array.from(levels), scale: scale / 8, bias },
            );
            // Terms reach (3 · 64 · 64 · 9 / 8)² in float64.
            expect(Math.abs(error - expected)).toBeLessThan(1e-4);
          },
        ),
        { seed: 5 },
      );
    },
  );
});
