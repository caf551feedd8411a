import { describe, expect, it } from 'vitest';
import { quantiseLayer } from '../../../../src/backends/tinpu/layer-constants.js';
import { quantcRecipe } from '../../../../src/backends/tinpu/recipes/quantc.js';
import { RECIPE_NETWORK, scalesOf } from '../../../support/tinpu-points.js';

const RANGES = { x: [-3, 2.5], r: [0, 1.7], g: [0, 0.9], y: [0, 2] } as const;

describe('scales of quantc', () => {
  const { numbers, reports } = scalesOf(quantcRecipe, RECIPE_NETWORK, RANGES);

  it('cover the range with headroom and at most an octave and three eighths more', () => {
    expect(reports).toEqual([]);
    const fitting = [(1.15 * 3) / 128, (1.15 * 1.7) / 255, (1.15 * 0.9) / 255, (1.15 * 2) / 255];
    for (const [i, scale] of numbers.entries()) {
      const ratio = scale / (fitting[i] ?? NaN);
      expect(ratio).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(ratio).toBeLessThanOrEqual(2 ** (11 / 8));
    }
  });

  it('leave every multiplier of a layer a power of two', () => {
    const [inputScale = NaN, outputScale = NaN] = numbers;
    const { weightScale, shift } = quantiseLayer({
      weights: Float32Array.of(0.5, -0.3),
      bias: undefined,
      channels: 2,
      channelOf: (i) => i,
      inputScale,
      outputScale,
    });
    for (const [channel, scale] of weightScale.entries()) {
      // Three float64 roundings lie between the two.
      expect(Math.abs(((scale * inputScale) / outputScale) * 2 ** (shift[channel] ?? NaN) - 1)).toBeLessThan(1e-15);
    }
    expect(Math.log2(outputScale) % 1).not.toBe(0);
  });

  it('make the reciprocal of an input scale a fraction of 8 bits', () => {
    const [inputScale = NaN] = numbers;
    const { multiplier, shift } = quantcRecipe.input(undefined, inputScale);
    expect(((multiplier[0] ?? NaN) / 2 ** (shift[0] ?? NaN)) * inputScale).toBeCloseTo(1, 12);
    expect(multiplier[0]).toBeLessThanOrEqual(255);
  });

  it('saturate at an upper bound that is reached', () => {
    const { scales } = scalesOf(quantcRecipe, RECIPE_NETWORK, { ...RANGES, y: [0, 5.8] });
    expect(scales.get('y')).toBe(`${6 / 255} u8`);
  });

  it('are raised, with a warning, just to where no multiplier exceeds 1', () => {
    const { scales, reports: warnings } = scalesOf(quantcRecipe, RECIPE_NETWORK, { ...RANGES, r: [0, 1e-4] });
    expect(scales.get('r')).toBe(`${(0.5 / 127) * (numbers[0] ?? NaN)} u8`);
    expect(warnings).toMatchObject([{ code: 'scale-raised', severity: 'warning', at: { node: 'conv' } }]);
  });

  it('are refused where the bound is then out of reach', () => {
    const tight = RECIPE_NETWORK.replace('const %six: float32[] = [6]', 'const %six: float32[] = [0.0001]');
    const { reports: errors } = scalesOf(quantcRecipe, tight, { ...RANGES, y: [0, 0.0001] });
    expect(errors).toMatchObject([{ code: 'bounds-unreachable', severity: 'error', at: { node: 'fc' } }]);
  });
});
