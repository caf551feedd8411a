import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  exactInputScale,
  LEAST_INPUT_SCALE,
  quantiseInput,
} from '../../../../src/backends/tinpu/arithmetic/input-constants.js';

/** The input sequence for one value. */
function sequence(x: number, { bias, multiplier, shift }: ReturnType<typeof quantiseInput>, channel = 0): number {
  const f = Math.fround;
  return Math.floor(f(f(f(f(x) + bias[channel]!) * multiplier[channel]!) * 2 ** -shift[channel]!));
}

describe('exactInputScale', () => {
  it('is at least what is wanted, at most 0.8 % more, and an integer over a power of two', () => {
    fc.assert(
      fc.property(fc.double({ min: 1 / 254, max: 1e6, noNaN: true }), (wanted) => {
        const scale = exactInputScale(wanted);
        expect(scale).toBeGreaterThanOrEqual(wanted * (1 - 1e-9));
        expect(scale).toBeLessThanOrEqual(wanted * (1 + 1 / 127));
        const { multiplier, shift } = quantiseInput(undefined, scale);
        expect((multiplier[0] ?? NaN) / 2 ** (shift[0] ?? NaN)).toBeCloseTo(1 / scale, 12);
        expect(Number.isInteger(multiplier[0])).toBe(true);
        expect(multiplier[0]).toBeLessThanOrEqual(255);
      }),
      { seed: 41, numRuns: 500 },
    );
  });

  it('stops at the finest step that 12 bits express', () => {
    expect(exactInputScale(1e-7)).toBe(LEAST_INPUT_SCALE);
    expect(quantiseInput(undefined, LEAST_INPUT_SCALE).multiplier[0]).toBe(4095);
  });
});

describe('quantiseInput', () => {
  it('rounds x / scale half up', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 0.1, noNaN: true }),
        (x, wanted) => {
          const scale = exactInputScale(wanted);
          const real = Math.fround(x) / scale;
          // Next to a tie float32 may decide either way.
          fc.pre(Math.abs(real + 0.5 - Math.round(real + 0.5)) > 1e-4);
          expect(sequence(x, quantiseInput(undefined, scale))).toBe(Math.floor(real + 0.5));
        },
      ),
      { seed: 42, numRuns: 500 },
    );
  });

  it('merges an affine map, also one with a negative factor', () => {
    const affine = { factor: [0.8, -2.5], deviation: [1, 1], center: [3, -1], offset: [0.25, 1] };
    const constants = quantiseInput(affine, 1 / 64);
    for (const channel of [0, 1]) {
      for (const x of [-2, -0.31, 0.07, 1.9, 3.3]) {
        const real =
          ((affine.factor[channel] ?? NaN) * (x - (affine.center[channel] ?? NaN)) + (affine.offset[channel] ?? NaN)) *
          64;
        // The 12-bit multiplier is off by up to 1/4096 of up to 640 steps, which may move the value over one boundary.
        expect(Math.abs(sequence(x, constants, channel) - Math.round(real))).toBeLessThanOrEqual(1);
      }
    }
  });

  it('rounds an affine map half up where its factor over the scale is an integer of 12 bits', () => {
    const affine = { factor: [0.75, -2.5], deviation: [1, 1], center: [3, -1], offset: [0.25, 1] };
    const constants = quantiseInput(affine, 1 / 64);
    fc.assert(
      fc.property(fc.integer({ min: -400, max: 400 }), fc.constantFrom(0, 1), (k, channel) => {
        const x = k / 64;
        const real = 64 * (affine.factor[channel]! * (x - affine.center[channel]!) + affine.offset[channel]!);
        expect(sequence(x, constants, channel) + 0).toBe(Math.floor(real + 0.5));
      }),
      { seed: 43, numRuns: 300 },
    );
  });

  it('keeps to 8 bits as long as they hold the reciprocal of the scale', () => {
    expect(quantiseInput(undefined, 1 / 255)).toEqual({
      bias: Float32Array.of(0.5 / 255),
      multiplier: Float32Array.of(255),
      shift: Int32Array.of(0),
    });
    expect(quantiseInput(undefined, 1 / 256).multiplier[0]).toBe(2048);
  });

  it('makes a channel constant whose factor is 0', () => {
    const constants = quantiseInput({ factor: [0], deviation: [1], center: [0], offset: [-0.5] }, 1 / 64);
    for (const x of [-100, 0, 55.5]) expect(sequence(x, constants)).toBe(-32);
  });
});
