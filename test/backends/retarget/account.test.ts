import { describe, expect, it } from 'vitest';
import { accountOf, type ConstantsOf } from '../../../src/backends/retarget/account.js';
import { TrainedWeightsIndex } from '../../../src/backends/retarget/trained-knowledge.js';
import { trainedTensor } from '../../../src/backends/retarget/trained-points.js';
import { assignRoles, type QuantisationPoint } from '../../../src/backends/tinpu/split/roles.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const TRAINED = [127, -50, 4, 90];

/** The account of a layer whose integers have become others of another scale; `x` has scale 0.2 instead of 0.1. */
function account(levels: readonly number[], weightScale: number, { trained = true, sqnrDb = 30 } = {}) {
  const graph = parseGraph(
    `graph "g"
    input %x: float32[N,4]
    const %w: float32[4,1] = [1.27, -0.5, 0.04, 0.9]
    %y = Gemm(%x, %w) "fc" @[0 "fc" "Gemm"]
    output "y" = %y`,
    OPERATORS,
  );
  const { points } = assignRoles(graph);
  const grids = new Map([['x', { scale: 0.1, zeroPoint: 0, lo: 0, hi: 255 }]]);
  const tensors = new Map(points.map((point) => [point, trainedTensor(point, grids)]));
  const weights = new TrainedWeightsIndex({
    weights: new Map(trained ? [[0, { scales: [0.01], peak: 127 }]] : []),
  });
  const constantsOf: ConstantsOf = () => ({
    weights: Int8Array.from(levels),
    weightScale: [weightScale],
    bias: Int32Array.of(0),
    scale: Int32Array.of(1),
    shift: Int32Array.of(0),
    moves: [],
  });
  const scaleOf = ({ kind }: QuantisationPoint) => ({ scale: kind === 'input' ? 0.2 : 0.5, bits: 8, signed: false });
  const [x, y] = accountOf(
    {
      scales: new Map(points.map((point) => [point, scaleOf(point)])),
      measured: {
        accuracy: { samples: 1, sqnrDb: null, maxAbsDiff: null, top1Agreement: null },
        tensors: new Map([['y', { sqnrDb, saturatedFraction: 0 }]]),
      },
    },
    { tensorOf: (point) => tensors.get(point), weights },
    constantsOf,
  );
  return { x, y };
}

describe('accountOf', () => {
  it('states the old scale and the new one, and what the difference costs', () => {
    const { x } = account(TRAINED, 0.01);
    expect(x).toMatchObject({ layer: 'x', tensor: 'x', scale: 0.2, bits: 8, signed: false, weights: null });
    expect(x?.trained).toEqual({ scale: 0.1, zeroPoint: 0, bits: 8 });
    expect(x?.resolutionLossDb).toBeCloseTo(20 * Math.log10(2), 9);
    // Two roundings, of 0.2² / 12 and 0.1² / 12, beside one of 0.1² / 12.
    expect(x?.expectedCostDb).toBeCloseTo(10 * Math.log10(1 + 5), 9);
    expect(x?.measuredSqnrDb).toBeNull();
  });

  it('leaves open what the model did not quantise', () => {
    const { y } = account(TRAINED, 0.01);
    expect(y).toMatchObject({ layer: 'fc', trained: null, resolutionLossDb: null, expectedCostDb: null });
    expect(y?.measuredSqnrDb).toBe(30);
    expect(account(TRAINED, 0.01, { sqnrDb: Infinity }).y?.measuredSqnrDb).toBeNull();
  });

  it('counts channels that keep their integers', () => {
    expect(account(TRAINED, 0.01).y?.weights).toEqual({
      channels: 1,
      kept: 1,
      bits: 8,
      trainedScale: [0.01],
      scale: [0.01],
      sqnrDb: null,
    });
  });

  it('measures integers of another scale against the trained weights', () => {
    // 1.25, -0.5, 0.05 and 0.9 in the place of 1.27, -0.5, 0.04 and 0.9.
    const weights = account([100, -40, 4, 72], 0.0125).y?.weights;
    const signal = 1.27 ** 2 + 0.5 ** 2 + 0.04 ** 2 + 0.9 ** 2;
    expect(weights).toMatchObject({ kept: 0, scale: [0.0125] });
    // The weights are float32 numbers.
    expect(weights?.sqnrDb).toBeCloseTo(10 * Math.log10(signal / (0.02 ** 2 + 0.01 ** 2)), 6);
  });

  it('has a kept channel differ by its scale alone', () => {
    const weights = account(TRAINED, 0.0101).y?.weights;
    expect(weights?.kept).toBe(1);
    // One part in a hundred of everything; the weights are float32 numbers.
    expect(weights?.sqnrDb).toBeCloseTo(40, 6);
  });

  it('says nothing of weights that were no integers', () => {
    expect(account(TRAINED, 0.01, { trained: false }).y?.weights).toBeNull();
  });
});
