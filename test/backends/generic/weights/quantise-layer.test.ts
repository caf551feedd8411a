import { describe, expect, it } from 'vitest';
import { quantiseLayer } from '../../../../src/backends/generic/weights/quantise-layer.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

function layerOf(call: string, weights: string, bias: string, channels = 2) {
  const text = `graph "g"
    input %x: float32[N,${call.startsWith('Gemm') ? '3' : '4,5,5'}]
    const %w: ${weights}
    const %b: float32[${channels}] = ${bias}
    %y = ${call}
    output "y" = %y`;
  return parseGraph(text, OPERATORS).nodes.at(-1) ?? expect.fail('no layer');
}

const gemm = (weights: string, bias: string) => layerOf('Gemm(%x, %w, %b)', `float32[3,2] = ${weights}`, bias);

describe('quantiseLayer', () => {
  it('gives weights on a grid of 127 steps exactly those', () => {
    const { axis, weights, weightScale, bias, biasScale } = quantiseLayer({
      layer: gemm('[1.27, 127, -0.64, 5, 0.01, -100]', '[0.5, -3]'),
      bits: 8,
      inputScale: 0.5,
    });
    expect(axis).toBe(1);
    expect([...weights]).toEqual([127, 127, -64, 5, 1, -100]);
    expect(weightScale[0]).toBeCloseTo(0.01, 8);
    expect(weightScale[1]).toBeCloseTo(1, 6);
    expect([...biasScale]).toEqual([...weightScale].map((scale) => Math.fround(scale * 0.5)));
    expect([...bias]).toEqual([100, -6]);
  });

  it.each([
    [4, 7],
    [2, 1],
  ] as const)('keeps weights of %i bits within ±%i, with a scale of the least square error', (bits, limit) => {
    const layer = gemm('[1, 0.2, -0.9, 0.1, 1.1, -0.3]', '[0, 0]');
    const { weights, weightScale } = quantiseLayer({ layer, bits, inputScale: 1 });
    expect(Math.max(...weights.map(Math.abs))).toBeLessThanOrEqual(limit);
    const real = [1, -0.9, 1.1];
    const errorAt = (scale: number): number =>
      real.reduce((sum, w) => {
        const level = Math.max(-limit, Math.min(limit, Math.round(w / scale)));
        return sum + (w - scale * level) ** 2;
      }, 0);
    const scales = Array.from({ length: 2000 }, (_, i) => (0.05 + i / 1000) / limit);
    // Scales are tried about two per cent apart and then fitted.
    expect(errorAt(weightScale[0] ?? NaN)).toBeLessThanOrEqual(Math.min(...scales.map(errorAt)) * 1.05 + 1e-6);
  });

  it('coarsens the scale of weights beside which the bias would leave 32 bits', () => {
    const { weights, weightScale, bias } = quantiseLayer({
      layer: gemm('[1e-9, 1, 1e-9, 1, 1e-9, 1]', '[100, 0]'),
      bits: 8,
      inputScale: 0.01,
    });
    expect(Math.abs(bias[0] ?? NaN)).toBeLessThanOrEqual(2 ** 30);
    // The bias is what matters of such a channel.
    expect((bias[0] ?? NaN) * (weightScale[0] ?? NaN) * 0.01).toBeCloseTo(100, 3);
    expect([weights[0], weights[2], weights[4]].every((w) => Math.abs(w ?? NaN) <= 1)).toBe(true);
  });

  it('keeps the bias of a channel without weights', () => {
    const { weightScale, bias, biasScale } = quantiseLayer({
      layer: gemm('[0, 1, 0, 1, 0, 1]', '[-7.25, 0]'),
      bits: 8,
      inputScale: 0.25,
    });
    expect(weightScale[0]).toBeGreaterThan(0);
    expect((bias[0] ?? NaN) * (biasScale[0] ?? NaN)).toBeCloseTo(-7.25, 5);
  });

  it('gives channels of a grouped ConvTranspose with one place on the axis one scale', () => {
    const layer = layerOf(
      'ConvTranspose(%x, %w, %b) {group = 2}',
      'float32[4,3,1,1] = [1, 2, 3, 4, 5, 6, 70, 8, 9, 10, 11, 12]',
      '[1, 2, 3, 4, 5, 6]',
      6,
    );
    const { axis, weightScale, bias, biasScale } = quantiseLayer({ layer, bits: 8, inputScale: 1 });
    expect(axis).toBe(1);
    expect(weightScale).toHaveLength(3);
    expect([...biasScale]).toEqual([...weightScale, ...weightScale]);
    for (const [c, b] of bias.entries()) expect(b * (biasScale[c] ?? NaN)).toBeCloseTo(c + 1, 0);
  });
});
