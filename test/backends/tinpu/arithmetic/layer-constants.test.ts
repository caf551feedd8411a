import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  leastOutputScale,
  quantiseLayer,
  weightPeaks,
  weightShift,
} from '../../../../src/backends/tinpu/arithmetic/layer-constants.js';
import type { LayerInput } from '../../../../src/backends/tinpu/recipes/recipe.js';

/** What 8-bit layers do not look at. */
const INPUT = { inputRange: { lo: -128, hi: 127 }, bits: 8, foldedBatchnorm: false } as const;

const TAPS = 5;
const layer = fc
  .record({
    weights: fc.array(fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: TAPS, maxLength: TAPS }), {
      minLength: 1,
      maxLength: 4,
    }),
    bias: fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 4, maxLength: 4 }),
    inputScale: fc.double({ min: 1e-4, max: 1, noNaN: true }),
    headroom: fc.double({ min: 1, max: 1e5, noNaN: true }),
  })
  .map(({ weights, bias, inputScale, headroom }): LayerInput => {
    const flat = Float32Array.from(weights.flat());
    const shape = { weights: flat, channels: weights.length, channelOf: (i: number) => Math.floor(i / TAPS) };
    const least = leastOutputScale(weightPeaks(shape), inputScale);
    return {
      ...shape,
      ...INPUT,
      bias: Float32Array.from(bias),
      inputScale,
      outputScale: Math.max(least, 1e-6) * headroom,
    };
  });

describe('quantiseLayer', () => {
  it('keeps every constant within the hardware and every multiplier a power of two', () => {
    fc.assert(
      fc.property(layer, (input) => {
        const { weights, weightScale, bias, scale, shift } = quantiseLayer(input);
        expect(weights.every((w) => w >= -127 && w <= 127)).toBe(true);
        expect(scale.every((s) => s === 1)).toBe(true);
        expect(shift.every((n) => n >= 0 && n <= 31)).toBe(true);
        expect(bias.every((b) => b >= -(2 ** 23) && b < 2 ** 23)).toBe(true);
        for (const [channel, n] of shift.entries()) {
          const multiplier = ((weightScale[channel] ?? NaN) * input.inputScale) / input.outputScale;
          // Three float64 roundings lie between the two.
          expect(Math.abs(multiplier * 2 ** n - 1)).toBeLessThan(1e-15);
        }
      }),
      { seed: 31, numRuns: 500 },
    );
  });

  it('rounds weights to the nearest step, with no step to spare where the bias allows', () => {
    fc.assert(
      fc.property(layer, (input) => {
        const { weights, weightScale, shift } = quantiseLayer(input);
        for (const [i, w] of input.weights.entries()) {
          const step = weightScale[input.channelOf(i)] ?? NaN;
          expect(Math.abs((weights[i] ?? NaN) * step - w)).toBeLessThanOrEqual(step / 2 + Math.abs(w) * 1e-6);
        }
        const peaks = weightPeaks(input);
        for (const [channel, n] of shift.entries()) {
          expect(n).toBeLessThanOrEqual(weightShift(peaks[channel] ?? 0, input.inputScale, input.outputScale));
        }
      }),
      { seed: 32, numRuns: 300 },
    );
  });

  it('puts the rounding half of the shift into the bias', () => {
    const input: LayerInput = {
      ...INPUT,
      weights: Float32Array.of(1),
      bias: Float32Array.of(0.25),
      channels: 1,
      channelOf: () => 0,
      inputScale: 1 / 128,
      outputScale: 1 / 8,
    };
    // s_w = 2^-6 is the smallest power of two that reaches 1/127, so m = 2^-6 · 2^-7 / 2^-3 = 2^-10.
    expect(quantiseLayer(input)).toMatchObject({
      weights: Int8Array.of(64),
      weightScale: [2 ** -6],
      bias: Int32Array.of(0.25 * 2 ** 13 + 2 ** 9),
      scale: Int32Array.of(1),
      shift: Int32Array.of(10),
    });
  });

  it('gives a dead channel the finest bias that 24 bits hold', () => {
    const input: LayerInput = {
      ...INPUT,
      weights: Float32Array.of(0, 0),
      bias: Float32Array.of(3),
      channels: 1,
      channelOf: () => 0,
      inputScale: 1,
      outputScale: 0.125,
    };
    const { weights, bias, shift } = quantiseLayer(input);
    expect([...weights]).toEqual([0, 0]);
    expect(shift[0]).toBe(18);
    expect(Math.floor((bias[0] ?? NaN) / 2 ** 18)).toBe(24);
  });

  it('saturates the weights of a channel whose multiplier would exceed 1, and of no other', () => {
    const { weights, bias, shift } = quantiseLayer({
      ...INPUT,
      weights: Float32Array.of(300, -150, 100, 1, 0.5, -0.25),
      bias: Float32Array.of(2, 0),
      channels: 2,
      channelOf: (i) => Math.floor(i / 3),
      inputScale: 0.5,
      outputScale: 0.5,
    });
    // The first channel has weight scale 1 at most; the second 2^-6, so that its peak of 1 needs no more than 127 steps.
    expect([...shift]).toEqual([0, 6]);
    expect([...weights]).toEqual([127, -127, 100, 64, 32, -16]);
    expect([...bias]).toEqual([4, 32]);
  });
});
