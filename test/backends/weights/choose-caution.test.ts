import { describe, expect, it } from 'vitest';
import { chooseCaution } from '../../../src/backends/weights/choose-caution.js';
import { LayerChannels } from '../../../src/backends/weights/layer-channels.js';
import { quantiseChannel } from '../../../src/backends/tinpu/weights/quantise-channel.js';
import { widthsOf } from '../../../src/backends/tinpu/weights/multiplier.js';
import { Attributes } from '../../../src/ir/attributes.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { GramObserver, MAX_GRAM_TAPS, type GramMatrix } from '../../../src/passes/calibration/gram.js';

const [TAPS, CHANNELS] = [12, 8];
const GEMM = { op: 'Gemm', attrs: Attributes.of({}) };

/** Moments of `rows` patches, and of what the float layer sees: the same, or what has nothing to do with it. */
function momentsOf(rows: number, seed: number, sample: (next: () => number, tap: number) => number): GramMatrix {
  const next = uniformSource(seed);
  const observer = new GramObserver(GEMM, [TAPS, CHANNELS], { samples: rows });
  const x = Float32Array.from({ length: rows * TAPS }, (_, i) => sample(next, i % TAPS));
  const r = x.map((value) => value + next() / 2);
  observer.observe(Tensor.float32([rows, TAPS], x), Tensor.float32([rows, TAPS], r));
  return observer.result() ?? expect.fail('nothing was observed');
}

const next = uniformSource(3);
const limits = { widths: widthsOf(4), outputScale: 1 / 64, inputRange: { lo: 0, hi: 255 }, exactBound: 2 ** 24 };
const channels = new LayerChannels(
  {
    weights: Float32Array.from({ length: TAPS * CHANNELS }, next),
    bias: undefined,
    channels: CHANNELS,
    channelOf: (i) => i % CHANNELS,
  },
  (task) => quantiseChannel({ ...task, unit: 255 / 64, limits }),
);
const START = 0.3;
const PRIOR = { caution: START, doubt: 0 };

describe('chooseCaution', () => {
  const independent = (uniform: () => number): number => (uniform() + 1) / 2;

  it('grows where a few samples show correlations that others do not', () => {
    const few = [momentsOf(14, 1, independent), momentsOf(14, 2, independent)] as const;
    expect(chooseCaution(few, channels, PRIOR)).toBeGreaterThan(START);
  });

  it('falls where both halves show the same strong correlations', () => {
    let common = 0;
    const alike = (uniform: () => number, tap: number): number => {
      if (tap === 0) common = independent(uniform);
      return common + 0.05 * independent(uniform);
    };
    const many = [momentsOf(4000, 1, alike), momentsOf(4000, 2, alike)] as const;
    expect(chooseCaution(many, channels, { caution: 50, doubt: 0 })).toBeLessThan(50);
  });

  it('doubt moves it towards more caution', () => {
    for (const seed of [1, 3, 5]) {
      const halves = [momentsOf(60, seed, independent), momentsOf(60, seed + 1, independent)] as const;
      const trusting = chooseCaution(halves, channels, PRIOR);
      expect(chooseCaution(halves, channels, { caution: START, doubt: 4 })).toBeGreaterThanOrEqual(trusting);
    }
  });

  it('stays where it is without products to judge by', () => {
    const bare = { ...momentsOf(14, 1, independent), products: undefined };
    expect(chooseCaution([bare, bare], channels, PRIOR)).toBe(START);
  });

  it('stays where it is for a layer too large to try', () => {
    const taps = MAX_GRAM_TAPS;
    const wide = { groups: 1, taps, patches: 2, products: new Float64Array(), reference: undefined };
    const large = { ...wide, mean: new Float64Array(taps), diagonal: new Float64Array(taps) };
    expect(chooseCaution([large, large], channels, PRIOR)).toBe(START);
  });
});
