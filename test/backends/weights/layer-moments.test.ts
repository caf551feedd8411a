import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatherMoments, type LayerMoments } from '../../../src/backends/weights/layer-moments.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const TAPS = 3;
const [GEMM] = parseGraph(
  `graph "g"\ninput %x: float32[N,${TAPS}]\nconst %w: float32[${TAPS},2] = random 1\n%y = Gemm(%x, %w)\noutput "y" = %y`,
  OPERATORS,
).nodes;

/** Rows of a matrix product are its patches, so that no choice of positions stands between samples and moments. */
function gather(rows: readonly Float32Array[], sizes: readonly number[]): LayerMoments {
  const batches: (readonly [Tensor<'float32'>, Tensor<'float32'>])[] = [];
  for (let at = 0, i = 0; at < rows.length; i++) {
    const part = rows.slice(at, at + (sizes[i % sizes.length] ?? 1));
    at += part.length;
    const own = Tensor.float32(
      [part.length, TAPS],
      part.flatMap((row) => [...row]),
    );
    batches.push([own, own]);
  }
  return gatherMoments(GEMM!, [TAPS, 2], batches, rows.length);
}

/** Means and mean products of rows, by their definition. */
function momentsOf(rows: readonly Float32Array[]): { mean: number[]; products: number[] } {
  const average = (value: (row: Float32Array) => number): number =>
    rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
  const taps = Array.from({ length: TAPS }, (_, i) => i);
  return {
    mean: taps.map((i) => average((row) => row[i] ?? NaN)),
    products: taps.flatMap((i) => taps.map((j) => average((row) => (row[i] ?? NaN) * (row[j] ?? NaN)))),
  };
}

const rowsOf = (count: number, seed: number): Float32Array[] => {
  const next = uniformSource(seed);
  return Array.from({ length: count }, () => Float32Array.from({ length: TAPS }, () => next()));
};

describe('gatherMoments', () => {
  it('gives runs of eight samples to either half in turn, however they are batched', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 9, max: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
        fc.nat(1000),
        (count, sizes, seed) => {
          const rows = rowsOf(count, seed);
          const { gram, halves } = gather(rows, sizes);
          const half = (which: number): Float32Array[] => rows.filter((_, i) => Math.floor(i / 8) % 2 === which);
          for (const [found, own] of [
            [halves?.[0], half(0)],
            [halves?.[1], half(1)],
            [gram, rows],
          ] as const) {
            const wanted = momentsOf(own);
            // Sums of at most 60 numbers up to 1 in float64.
            for (const [i, mean] of wanted.mean.entries()) expect(found?.mean[i]).toBeCloseTo(mean, 12);
            for (const [i, product] of wanted.products.entries()) expect(found?.products?.[i]).toBeCloseTo(product, 12);
            expect(found?.patches).toBe(own.length);
          }
        },
      ),
      { seed: 21, numRuns: 60 },
    );
  });

  it('has no halves for a single run, and nothing without samples', () => {
    const rows = rowsOf(8, 1);
    const { gram, halves } = gather(rows, [3]);
    expect(halves).toBeUndefined();
    expect(gram?.patches).toBe(8);
    expect(gather([], [1])).toEqual({ gram: undefined });
  });
});
