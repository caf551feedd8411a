import { describe, expect, it } from 'vitest';
import { foldZeroPoints } from '../../../src/backends/retarget/fold-zero-points.js';
import type { TrainedGrid } from '../../../src/backends/retarget/trained-grid.js';
import { TrainedWeightsIndex } from '../../../src/backends/retarget/trained-knowledge.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { printGraph } from '../../../src/ir/text/print.js';

const AROUND = { scale: 0.5, zeroPoint: 56, lo: 0, hi: 255 };

/** Folds in a network of two dense layers; the second has weights of 1 and -1 at a scale of 1 / 64. */
function folded(grids: Readonly<Record<string, TrainedGrid>>, { taps = 4, realOutputs = false } = {}) {
  const graph = parseGraph(
    `graph "g"
    input %x: float32[N,8]
    const %w: float32[8,${taps}] = random 1
    const %v: float32[${taps},2] = [${Array.from({ length: 2 * taps }, (_, i) => (i % 2 === 0 ? 1 : -1)).join(', ')}]
    %t = Gemm(%x, %w) "first" @[0 "first" "Gemm"]
    %r = Reshape(%t, %shape)
    %y = Gemm(%r, %v) "second" @[1 "second" "Gemm"]
    output "y" = %y`.replace('%t = ', `const %shape: int64[2] = [0, -1]\n%t = `),
    OPERATORS,
  );
  const before = printGraph(graph);
  const known = new Map(Object.entries(grids));
  const weights = new TrainedWeightsIndex({ weights: new Map([[1, { scales: [1 / 64], peak: 64 }]]) });
  const { shifted, obstacles } = foldZeroPoints(graph, known, weights, realOutputs);
  return {
    shifted: Object.fromEntries(shifted),
    obstacles: Object.fromEntries(obstacles),
    grids: Object.fromEntries(known),
    biases: graph.nodes.flatMap(({ op, inputs }) => (op === 'Gemm' ? [inputs[2]?.constant?.toNumbers()] : [])),
    isUntouched: printGraph(graph) === before,
  };
}

describe('foldZeroPoints', () => {
  it('shifts a tensor by its lowest number, and enters its grid under the new label', () => {
    const { shifted, grids, biases, obstacles } = folded({ t: AROUND });
    expect(obstacles).toEqual({});
    expect(shifted).toEqual({
      't/shifted': { label: 't', zeroPoint: 56, offset: 28 },
      'r/shifted': { label: 'r', zeroPoint: 56, offset: 28 },
    });
    expect(grids['t/shifted']).toEqual({ ...AROUND, zeroPoint: 0 });
    // Four weights of 1, and of -1, times 28.
    expect(biases).toEqual([
      [28, 28, 28, 28],
      [-112, 112],
    ]);
  });

  it('takes integers below 0 for what they are above the lowest', () => {
    const { shifted, grids } = folded({ t: { scale: 0.5, zeroPoint: -72, lo: -128, hi: 127 } });
    expect(shifted['t/shifted']).toEqual({ label: 't', zeroPoint: -72, offset: 28 });
    expect(grids['t/shifted']).toEqual({ scale: 0.5, zeroPoint: -128, lo: -128, hi: 127 });
  });

  it.each([
    ['is the lowest integer', { scale: 0.5, zeroPoint: -128, lo: -128, hi: 127 }],
    ['is in the middle', { scale: 0.5, zeroPoint: 128, lo: 0, hi: 255 }],
    ['is in the middle of signed integers', { scale: 0.5, zeroPoint: 0, lo: -128, hi: 127 }],
    ['is that of 4 bits', { scale: 0.5, zeroPoint: 3, lo: 0, hi: 15 }],
    ['lies between integers', { scale: 0.5, zeroPoint: 56.5, lo: 0, hi: 255 }],
  ])('leaves alone what loses nothing, or has no such integers: a zero point that %s', (_, grid) => {
    expect(folded({ t: grid })).toMatchObject({ shifted: {}, obstacles: {}, isUntouched: true });
  });

  it('leaves a tensor whose rearrangement has another grid', () => {
    expect(folded({ t: AROUND, r: { ...AROUND, scale: 0.25 } })).toMatchObject({
      shifted: {},
      obstacles: { t: "'r' has another scale or zero point" },
      isUntouched: true,
    });
  });

  it('leaves an output of integers, and shifts one of real numbers', () => {
    expect(folded({ y: AROUND })).toMatchObject({ shifted: {}, obstacles: { y: "'y' is an output of the model" } });
    expect(folded({ y: AROUND }, { realOutputs: true }).shifted).toHaveProperty('y/shifted');
  });

  it('leaves a tensor whose layers would need larger sums than float32 holds', () => {
    // 64 · 255 a tap for the accumulator and 64 · 56 for the bias: 2^24 / 19904 = 842 taps.
    expect(folded({ t: AROUND }, { taps: 842 }).shifted).toHaveProperty('t/shifted');
    expect(folded({ t: AROUND }, { taps: 843 })).toMatchObject({
      shifted: {},
      obstacles: { t: "the sums of 'second' would be too large" },
      isUntouched: true,
    });
  });
});
