import { describe, expect, it } from 'vitest';
import { advise, causeOf, type LayerFacts } from '../../../src/backends/compare/advise.js';
import type { LayerErrors } from '../../../src/backends/compare/layer-measure.js';

const errors = (own: Partial<LayerErrors>): LayerErrors => {
  const { weights = 0, rounding = 0, saturation = 0 } = own;
  return {
    elements: 1000,
    signal: 1e6,
    total: weights + rounding + saturation,
    inherited: 0,
    weights,
    rounding,
    saturation,
    meanShift: 0,
    saturated: 0,
    product: 0,
    energy: 0,
    largest: 0,
    otherScales: [],
    reach: 1,
    ...own,
  };
};
const facts = (own: Partial<LayerFacts> = {}): LayerFacts => ({
  name: '/conv',
  activationBits: 8,
  weights: { bits: 8, fill: 1 },
  recipe: 'quantc',
  ...own,
});

describe('what helps a layer most', () => {
  it.each<[string, LayerErrors, LayerFacts, string | undefined, number]>([
    ['weights of 2 bits', errors({ weights: 100 }), facts({ weights: { bits: 2, fill: 1 } }), '--bits /conv=8', 36.1],
    [
      'a result of 4 bits',
      errors({ rounding: 100, weights: 1 }),
      facts({ activationBits: 4 }),
      '--bits /conv=/8',
      18.6,
    ],
    [
      'both',
      errors({ rounding: 50, weights: 50 }),
      facts({ activationBits: 4, weights: { bits: 4, fill: 1 } }),
      '--bits /conv=8/8',
      24.1,
    ],
    [
      'saturation',
      errors({
        saturation: 90,
        rounding: 1,
        saturated: 20,
        reach: 1.7,
        otherScales: [
          { factor: 1, error: 91 },
          { factor: 2, error: 4 },
        ],
      }),
      facts(),
      '--observer minmax',
      13.6,
    ],
    [
      'a range that is too wide',
      errors({
        rounding: 16,
        reach: 1,
        otherScales: [
          { factor: 0.25, error: 1 },
          { factor: 0.5, error: 4 },
        ],
      }),
      facts(),
      '--observer percentile',
      12.0,
    ],
    ['powers of two', errors({ rounding: 16, reach: 0.5 }), facts({ recipe: 'torchmodelopt' }), '--recipe quantc', 6.0],
    [
      'powers of two of weights',
      errors({ weights: 16 }),
      facts({ recipe: 'torchmodelopt', weights: { bits: 8, fill: 0.25 } }),
      '--recipe quantc',
      6.0,
    ],
    ['means that are off', errors({ weights: 16, meanShift: 12 }), facts(), '--bias-calibration 1', 6.0],
    ['nothing', errors({ weights: 16, rounding: 16 }), facts(), undefined, 0],
    ['nothing for a model of others', errors({ rounding: 16, reach: 0.5 }), facts({ recipe: undefined }), undefined, 0],
    ['nothing where there is no error', errors({}), facts({ activationBits: 4 }), undefined, 0],
  ])('%s', (_, own, layer, flag, gain) => {
    const advice = advise(own, layer);
    expect(advice?.flag).toBe(flag);
    if (advice !== undefined) expect(advice.gainDb).toBeCloseTo(gain, 1);
  });

  it('is named as a shell takes it', () => {
    const layer = facts({ name: "it's a layer", weights: { bits: 4, fill: 1 } });
    expect(advise(errors({ weights: 1 }), layer)?.flag).toBe(`--bits 'it'\\''s a layer=8'`);
  });
});

describe('the cause of an error', () => {
  it('is its largest part', () => {
    expect(causeOf(errors({ weights: 3, rounding: 2, saturation: 1 }))).toBe('weights');
    expect(causeOf(errors({ weights: 1, rounding: 3, saturation: 2 }))).toBe('rounding');
    expect(causeOf(errors({ weights: 1, rounding: 2, saturation: 3 }))).toBe('saturation');
    expect(causeOf(errors({}))).toBeUndefined();
  });
});
