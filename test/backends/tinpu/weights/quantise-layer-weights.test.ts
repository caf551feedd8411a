import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformSource } from '../../../../src/ir/random.js';
import type { LayerConstants, LayerInput } from '../../../../src/backends/tinpu/recipes/recipe.js';
import { quantiseLayerWeights } from '../../../../src/backends/tinpu/weights/quantise-layer-weights.js';
import { randomGram, randomWeights } from '../../../support/random-layers.js';

const powerOf = (lo: number, hi: number): fc.Arbitrary<number> =>
  fc.double({ min: Math.log10(lo), max: Math.log10(hi), noNaN: true }).map((exponent) => 10 ** exponent);

interface DrawnLayer extends LayerInput {
  readonly exactBound: number | undefined;
}

/** Layers of every kind of scale, among them such that nothing fits. */
const layers = fc
  .record({
    bits: fc.constantFrom(8 as const, 4 as const, 2 as const),
    taps: fc.integer({ min: 1, max: 40 }),
    groups: fc.integer({ min: 1, max: 2 }),
    perGroup: fc.integer({ min: 1, max: 3 }),
    magnitude: powerOf(1e-8, 1e4),
    biasMagnitude: powerOf(1e-6, 1e8),
    inputScale: powerOf(1e-4, 1e2),
    outputScale: powerOf(1e-5, 1e4),
    inputRange: fc.constantFrom({ lo: 0, hi: 255 }, { lo: -128, hi: 127 }, { lo: 0, hi: 3 }),
    exactBound: fc.constantFrom(undefined, 20_000, 2 ** 31 - 1),
    withGram: fc.boolean(),
    transposed: fc.boolean(),
    seed: fc.nat(),
  })
  .map((draw): DrawnLayer => {
    const { taps, groups, perGroup, seed, magnitude, biasMagnitude } = draw;
    const channels = groups * perGroup;
    const next = uniformSource(seed + 1);
    // Channels of different sizes, now and then a dead one.
    const sizes = Float64Array.from({ length: channels }, () => (next() < -0.8 ? 0 : magnitude * 4 ** (3 * next())));
    const channelOf = draw.transposed ? (i: number) => i % channels : (i: number) => Math.floor(i / taps);
    return {
      ...draw,
      channels,
      channelOf,
      weights: randomWeights(channels * taps, seed).map((w, i) => w * (sizes[channelOf(i)] ?? NaN)),
      bias: Float32Array.from({ length: channels }, () => next() * biasMagnitude),
      gram: draw.withGram ? randomGram(groups, taps, 2 * taps, seed + 2) : undefined,
    };
  });

interface Row {
  readonly integers: readonly number[];
  readonly real: readonly number[];
}

function rowOf({ weights, channelOf }: LayerInput, result: LayerConstants, channel: number): Row {
  const indices = [...weights.keys()].filter((i) => channelOf(i) === channel);
  return {
    integers: indices.map((i) => result.weights[i] ?? NaN),
    real: indices.map((i) => weights[i] ?? NaN),
  };
}

/** y of the accumulator, as the hardware computes it. */
const requantise = (result: LayerConstants, channel: number, accumulator: bigint): bigint =>
  ((accumulator + BigInt(result.bias[channel] ?? NaN)) * BigInt(result.scale[channel] ?? NaN)) >>
  BigInt(result.shift[channel] ?? NaN);

const bigAbs = (x: bigint): bigint => (x < 0n ? -x : x);

describe('quantiseLayerWeights', () => {
  it('keeps every constraint, whatever the layer', () => {
    fc.assert(
      fc.property(layers, (input) => {
        const result = quantiseLayerWeights(input, { exactBound: input.exactBound });
        const limit = { 8: 127, 4: 7, 2: 1 }[input.bits];
        const biasBits = input.bits === 8 ? 24n : 16n;
        const exactBound = BigInt(input.exactBound ?? 2 ** 24);
        expect(result.weights.every((w) => Math.abs(w) <= limit)).toBe(true);
        for (let channel = 0; channel < input.channels; channel++) {
          const [scale = NaN, shift = NaN] = [result.scale[channel], result.shift[channel]];
          expect(scale).toBeGreaterThanOrEqual(1);
          expect(scale).toBeLessThanOrEqual(input.bits === 8 ? 1 : 255);
          expect(shift).toBeGreaterThanOrEqual(0);
          expect(shift).toBeLessThanOrEqual(31);
          const multiplier = ((result.weightScale[channel] ?? NaN) * input.inputScale) / input.outputScale;
          // Four float64 roundings lie between the two.
          expect(Math.abs((multiplier / scale) * 2 ** shift - 1)).toBeLessThan(1e-15);

          const bias = BigInt(result.bias[channel] ?? NaN);
          expect(bias >= -(2n ** (biasBits - 1n)) && bias < 2n ** (biasBits - 1n)).toBe(true);
          const { integers } = rowOf(input, result, channel);
          const { lo, hi } = input.inputRange;
          const ends = integers.map((w) => [BigInt(w * lo), BigInt(w * hi), 0n]);
          const most = ends.reduce((sum, terms) => sum + terms.reduce((a, b) => (a > b ? a : b)), 0n);
          const least = ends.reduce((sum, terms) => sum + terms.reduce((a, b) => (a < b ? a : b)), 0n);
          const reach = (most > -least ? most : -least) + bigAbs(bias);
          expect(reach < 2n ** 31n).toBe(true);
          // A bias alone is exact however large: 24 bits at most, with scale 1.
          if (integers.some((w) => w !== 0)) expect(reach * BigInt(scale) <= exactBound).toBe(true);
        }
      }),
      { seed: 131, numRuns: 400 },
    );
  });

  it('is never worse than nearest rounding at any scale that breaks no constraint, or says what it gave up', () => {
    fc.assert(
      fc.property(layers, (input) => {
        const plain = { ...input, gram: undefined, bias: undefined };
        const result = quantiseLayerWeights(plain, { exactBound: input.exactBound });
        const limit = { 8: 127, 4: 7, 2: 1 }[input.bits];
        const moved = new Set(result.moves.map(({ channel }) => channel));
        for (let channel = 0; channel < input.channels; channel++) {
          const { integers, real } = rowOf(input, result, channel);
          const peak = Math.max(...real.map(Math.abs));
          // Weights that cannot make up 1/256 of a step are dropped.
          const sum = real.reduce((total, w) => total + Math.abs(w), 0);
          const reach = Math.max(-input.inputRange.lo, input.inputRange.hi);
          if (moved.has(channel) || sum * reach * input.inputScale <= input.outputScale / 256) continue;
          const errorAt = (levels: readonly number[], scale: number): number =>
            real.reduce((sum, w, i) => sum + (scale * (levels[i] ?? NaN) - w) ** 2, 0);
          const unit = input.outputScale / input.inputScale;
          const wanted = peak / limit / unit;
          const shift = Math.floor(Math.log2((input.bits === 8 ? 1 : 255) / wanted));
          const scale = Math.ceil(wanted * 2 ** shift) * 2 ** -shift * unit;
          const nearest = real.map((w) => Math.round(w / scale));
          const own = errorAt(integers, result.weightScale[channel] ?? NaN);
          expect(own).toBeLessThanOrEqual(errorAt(nearest, scale) * (1 + 1e-9));
        }
      }),
      { seed: 132, numRuns: 200 },
    );
  });

  it('computes round(b / s_y) where a channel has no weights to speak of', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8 as const, 4 as const, 2 as const),
        fc.constantFrom(0, 1e-30, -1e-30),
        fc.double({ min: -300, max: 300, noNaN: true }),
        powerOf(1e-3, 1e3),
        powerOf(1e-3, 1e3),
        (bits, weight, steps, inputScale, outputScale) => {
          const bias = Math.fround(steps * outputScale);
          const result = quantiseLayerWeights({
            weights: Float32Array.of(weight, weight, 0),
            bias: Float32Array.of(bias),
            channels: 1,
            channelOf: () => 0,
            bits,
            inputScale,
            outputScale,
            inputRange: { lo: 0, hi: 255 },
          });
          const accumulator = BigInt((result.weights[0] ?? NaN) * 255 * 2);
          expect(Math.abs(Number(requantise(result, 0, accumulator)) - bias / outputScale)).toBeLessThanOrEqual(0.5);
          expect(result.moves).toEqual([]);
        },
      ),
      { seed: 133, numRuns: 200 },
    );
  });

  const layer = (changes: Partial<LayerInput>): LayerInput => ({
    weights: Float32Array.of(0.9, -0.4, 0.2, 0.1),
    bias: undefined,
    channels: 1,
    channelOf: () => 0,
    bits: 4,
    inputScale: 0.02,
    outputScale: 0.05,
    inputRange: { lo: 0, hi: 255 },
    ...changes,
  });

  it('coarsens the scale for a bias that does not fit, and says so', () => {
    const free = quantiseLayerWeights(layer({}));
    expect(free.moves).toEqual([]);
    const bias = Float32Array.of(150);
    const { moves, weightScale, bias: biases, shift, scale } = quantiseLayerWeights(layer({ bias }));
    expect(moves).toMatchObject([
      { channel: 0, constraint: 'bias-width', from: free.weightScale[0], to: weightScale[0] },
    ]);
    expect(moves[0]?.costDb).toBeGreaterThan(0);
    expect(weightScale[0]).toBeGreaterThanOrEqual(150 / 0.02 / 32768);
    expect(weightScale[0]).toBeLessThan((150 / 0.02 / 32768) * 1.1);
    const half = 2 ** ((shift[0] ?? NaN) - 1) / (scale[0] ?? NaN);
    // Half a step of the bias, as real number.
    const step = (weightScale[0] ?? NaN) * 0.02;
    expect(Math.abs(((biases[0] ?? NaN) - half) * step - 150)).toBeLessThanOrEqual(step / 2);
  });

  it('saturates the activation with a bias beyond all widths', () => {
    for (const bits of [8, 4, 2] as const) {
      for (const sign of [1, -1]) {
        const result = quantiseLayerWeights(layer({ bits, bias: Float32Array.of(sign * 1e30) }));
        const y = requantise(result, 0, 0n);
        expect(sign > 0 ? y >= 255n : y <= -128n).toBe(true);
        expect(result.moves).toMatchObject([{ constraint: 'bias-width' }]);
      }
    }
  });

  it('saturates weights above the largest multiplier, and says so', () => {
    // 127 · s_y / s_x is 0.0635.
    const result = quantiseLayerWeights(layer({ bits: 8, outputScale: 1e-5 }));
    expect([...result.weights]).toEqual([127, -127, 127, 127]);
    expect(result.shift[0]).toBe(0);
    expect(result.weightScale[0]).toBe(1e-5 / 0.02);
    expect(result.moves).toMatchObject([{ constraint: 'multiplier-range', to: 1e-5 / 0.02 }]);
    // All but the first two thousandths of the signal's energy 1.02 is lost.
    expect(result.moves[0]?.costDb).toBeGreaterThan(20);
  });

  it('takes a smaller multiplier for exactness in float32, at hardly any cost', () => {
    const weights = randomWeights(600, 3);
    const free = quantiseLayerWeights(layer({ weights }), { exactBound: 2 ** 31 - 1 });
    const exact = quantiseLayerWeights(layer({ weights }));
    expect(free.moves).toEqual([]);
    expect(free.scale[0]).toBeGreaterThan(exact.scale[0] ?? NaN);
    for (const { constraint, costDb } of exact.moves) {
      expect(constraint).toBe('carrier');
      // Scales of 5 bits are at most 1/32 apart, and the error is flat about its least.
      expect(costDb).toBeLessThan(0.1);
    }
    expect(exact.moves).toHaveLength(1);
  });

  it.each([8, 4, 2] as const)('rounds %i-bit weights to nearest whatever the statistics without feedback', (bits) => {
    const gram = randomGram(1, 4, 30, 3);
    const nearest = quantiseLayerWeights(layer({ bits, gram }), { feedback: false });
    const scale = nearest.weightScale[0] ?? NaN;
    const limit = { 8: 127, 4: 7, 2: 1 }[bits];
    expect([...nearest.weights]).toEqual(
      [0.9, -0.4, 0.2, 0.1].map((w) => Math.max(-limit, Math.min(limit, Math.round(w / scale)))),
    );
    const wide = layer({ bits, weights: randomWeights(60, 4), gram: randomGram(1, 60, 200, 5) });
    expect(quantiseLayerWeights(wide, { feedback: true }).weights).not.toEqual(
      quantiseLayerWeights(wide, { feedback: false }).weights,
    );
    expect(quantiseLayerWeights(wide)).toEqual(quantiseLayerWeights(wide, { feedback: true }));
  });

  it.each([8, 4, 2] as const)('makes the error of the result smaller by feedback at %i bits', (bits) => {
    const [taps, gram] = [60, randomGram(1, 60, 2000, 5)];
    const input = layer({ bits, weights: randomWeights(taps, 4), gram });
    /** Variance of the error of the result over the patches: the bias makes up for its mean. */
    const errorOf = (feedback: boolean): number => {
      const { weights, weightScale } = quantiseLayerWeights(input, { feedback });
      const e = Array.from(weights, (w, i) => w * (weightScale[0] ?? NaN) - (input.weights[i] ?? NaN));
      const mean = e.reduce((sum, each, i) => sum + each * (gram.mean[i] ?? NaN), 0);
      return (
        e.reduce(
          (sum, a, i) => sum + e.reduce((row, b, j) => row + a * b * (gram.products?.[i * taps + j] ?? NaN), 0),
          0,
        ) -
        mean ** 2
      );
    };
    expect(errorOf(true)).toBeLessThan(errorOf(false));
  });

  it('corrects the bias for the mean error of the weights', () => {
    const gram = randomGram(1, 4, 30, 3);
    const input = layer({ bits: 2, gram, bias: Float32Array.of(0.3), outputScale: 0.01 });
    const { weights, weightScale, bias, scale, shift } = quantiseLayerWeights(input);
    const meanOf = (at: (i: number) => number): number => gram.mean.reduce((sum, m, i) => sum + m * at(i), 0);
    const half = 2 ** ((shift[0] ?? NaN) - 1) / (scale[0] ?? NaN);
    const step = (weightScale[0] ?? NaN) * input.inputScale;
    const own = ((bias[0] ?? NaN) - half) * step + meanOf((i) => (weights[i] ?? NaN) * (weightScale[0] ?? NaN));
    const float = Math.fround(0.3) + meanOf((i) => input.weights[i] ?? NaN);
    expect(Math.abs(own - float)).toBeLessThanOrEqual(step / 2 + 1e-12);
  });

  it('gives the same integers again', () => {
    const input = layer({ weights: randomWeights(40, 8), gram: randomGram(1, 40, 60, 9), bits: 2 });
    expect(quantiseLayerWeights(input)).toEqual(quantiseLayerWeights(input));
  });
});
