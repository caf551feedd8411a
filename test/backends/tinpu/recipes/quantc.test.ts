import { describe, expect, it } from 'vitest';
import { quantiseLayer } from '../../../../src/backends/tinpu/arithmetic/layer-constants.js';
import { quantcRecipe } from '../../../../src/backends/tinpu/recipes/quantc.js';
import { torchmodeloptRecipe } from '../../../../src/backends/tinpu/recipes/torchmodelopt.js';
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
      inputRange: { lo: -128, hi: 127 },
      bits: 8,
      foldedBatchnorm: false,
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

  it('leave a bound that is then out of reach to a Clip of its own', () => {
    const tight = RECIPE_NETWORK.replace('const %six: float32[] = [6]', 'const %six: float32[] = [0.0001]');
    const { scales, reports: notes } = scalesOf(quantcRecipe, tight, { ...RANGES, y: [0, 0.0001] });
    // Saturation would need 0.0001 / 255, the largest weight of 0.9 needs 0.9 / 127 of the scale of the mean.
    expect(Number.parseFloat(scales.get('y') ?? '')).toBeCloseTo((0.9 / 127) * (numbers[2] ?? NaN), 9);
    expect(notes.map(({ code, severity }) => `${code} ${severity}`)).toEqual([
      'scale-raised warning',
      'bound-by-clip info',
    ]);
    expect(notes[1]?.message).toMatch(/^the bounds 0 … [\d.]+ of 'y' are kept by a Clip/);
  });

  it('cover a range of narrow activations without headroom', () => {
    const { scales } = scalesOf(quantcRecipe, RECIPE_NETWORK, RANGES, { activationBits: 4 });
    // -3 takes 8 steps of 3/8, whose reciprocal rounds down to an integer of 8 bits over a power of two: 170.7/64.
    expect(scales.get('x')).toBe(`${64 / 170} s4`);
    expect(Number.parseFloat(scales.get('r') ?? '')).toBeGreaterThanOrEqual(1.7 / 15);
  });
});

describe('scales of a group', () => {
  const RESIDUAL = `graph "g"
    input %x: float32[N,2]
    const %w: float32[2,2] = [0.5, 0.25, -0.5, 0.125]
    %a = Gemm(%x, %w)
    %b = Gemm(%a, %w)
    %s = Add(%a, %b)
    output "s" = %s`;

  it('cover the widest of its ranges', () => {
    const { scales } = scalesOf(quantcRecipe, RESIDUAL, { x: [-1, 1], a: [-1, 1], b: [-2, 2], s: [-5, 4] });
    const shared = Number.parseFloat(scales.get('s') ?? '');
    expect([scales.get('a'), scales.get('b')]).toEqual([scales.get('s'), scales.get('s')]);
    expect(shared).toBeGreaterThanOrEqual(((1.15 * 5) / 128) * (1 - 1e-9));
    expect(shared).toBeLessThanOrEqual(((1.15 * 5) / 128) * 2 ** (11 / 8));
  });

  it('take no notice of a tensor that is 0 throughout', () => {
    for (const recipe of [quantcRecipe, torchmodeloptRecipe]) {
      const { scales } = scalesOf(recipe, RESIDUAL, { x: [-1, 1], a: [0, 0], b: [-0.2, 0.1], s: [-0.2, 0.1] });
      // 0.2 / 127.5 with headroom, or rounded up to a power of two, and at most an octave and three eighths more.
      expect(Number.parseFloat(scales.get('s') ?? '')).toBeLessThan(((1.15 * 0.2) / 127.5) * 2 ** (11 / 8));
    }
  });

  it('are 1 where all tensors are 0 throughout, also between bounds that leave nothing else', () => {
    const text = RESIDUAL.replace(
      'output "s" = %s',
      'const %z: float32[] = [0]\n%c = Clip(%s, %z, %z)\noutput "c" = %c',
    );
    for (const recipe of [quantcRecipe, torchmodeloptRecipe]) {
      const { scales } = scalesOf(recipe, text, { x: [0, 0], a: [0, 0], b: [0, 0], c: [0, 0] });
      expect([scales.get('x'), scales.get('c')]).toEqual(['1 u8', '1 u8']);
    }
  });
});
