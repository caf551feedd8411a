import { describe, expect, it } from 'vitest';
import { quantiseInput } from '../../../../src/backends/tinpu/arithmetic/input-constants.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { torchmodeloptRecipe } from '../../../../src/backends/tinpu/recipes/torchmodelopt.js';
import { assignRoles } from '../../../../src/backends/tinpu/split/roles.js';
import { RECIPE_NETWORK, scalesOf } from '../../../support/tinpu-points.js';

const RANGES = { x: [-3, 2.5], r: [0, 1.7], g: [0, 0.9], y: [0, 2] } as const;

describe('scales of torchmodelopt', () => {
  it('are the powers of two above what the range needs', () => {
    const { scales, reports } = scalesOf(torchmodeloptRecipe, RECIPE_NETWORK, RANGES);
    expect(reports).toEqual([]);
    // 3 / 127.5, 1.7 / 255, 0.9 / 255 and 2 / 255, rounded up.
    expect(Object.fromEntries(scales)).toEqual({
      x: `${2 ** -5} s8`,
      r: `${2 ** -7} u8`,
      g: `${2 ** -8} u8`,
      y: `${2 ** -6} u8`,
    });
  });

  it('saturate at an upper bound that is reached', () => {
    const { scales } = scalesOf(torchmodeloptRecipe, RECIPE_NETWORK, { ...RANGES, y: [0, 5.8] });
    expect(scales.get('y')).toBe(`${6 / 255} u8`);
  });

  it('do not exceed the one that saturates at a bound', () => {
    // 5.3 / 255 rounds up to 2^-5, at which 255 steps would go beyond 6.
    const { scales } = scalesOf(torchmodeloptRecipe, RECIPE_NETWORK, { ...RANGES, y: [0, 5.3] });
    expect(scales.get('y')).toBe(`${6 / 255} u8`);
  });

  it('are raised to a power of two, with a warning, where a multiplier would exceed 1', () => {
    const { scales, reports } = scalesOf(torchmodeloptRecipe, RECIPE_NETWORK, { ...RANGES, r: [0, 1e-4] });
    // 0.5 / 127 · 2^-5 is 2^-12.99.
    expect(scales.get('r')).toBe(`${2 ** -12} u8`);
    expect(reports).toMatchObject([{ code: 'scale-raised', severity: 'warning', at: { node: 'conv' } }]);
  });

  it('leave a bound that is then out of reach to a Clip of its own', () => {
    const tight = RECIPE_NETWORK.replace('const %six: float32[] = [6]', 'const %six: float32[] = [0.001]');
    const { scales, reports } = scalesOf(torchmodeloptRecipe, tight, { ...RANGES, y: [0, 0.001] });
    // 0.9 / 127 · 2^-8 is 2^-15.1, 0.001 / 255 is 2^-17.9.
    expect(scales.get('y')).toBe(`${2 ** -15} u8`);
    expect(reports.map(({ code }) => code)).toEqual(['scale-raised', 'bound-by-clip']);
  });

  it('are one power of two for all of a group', () => {
    const residual = `graph "g"
      input %x: float32[N,2]
      const %w: float32[2,2] = [0.5, 0.25, -0.5, 0.125]
      %a = Gemm(%x, %w)
      %b = Gemm(%a, %w)
      %s = Add(%a, %b)
      output "s" = %s`;
    const { scales } = scalesOf(torchmodeloptRecipe, residual, { x: [-1, 1], a: [0, 1], b: [-2, 2], s: [-5, 4] });
    // 5 / 127.5 is 2^-4.7.
    expect(Object.fromEntries(scales)).toEqual({
      x: `${2 ** -6} s8`,
      a: `${2 ** -4} u8`,
      b: `${2 ** -4} s8`,
      s: `${2 ** -4} s8`,
    });
  });
});

describe('the plan of torchmodelopt', () => {
  const graph = parseGraph(RECIPE_NETWORK, OPERATORS);
  const { points } = assignRoles(graph);
  const plan = torchmodeloptRecipe.plan(graph, points, undefined);
  const tapOf = (name: string) => plan.taps.find(({ value }) => value.name === name);

  it('watches points, layouts behind them, and what an upper bound applies to', () => {
    expect(plan.taps.map(({ value }) => value.name)).toEqual(['x', 'r', 'g', 'f', 'd', 'y']);
    expect(new Set(plan.taps.map(({ observer }) => observer)).size).toBe(5);
  });

  it('watches a Gemm with a BatchNormalization apart from its Relu', () => {
    const normalised = RECIPE_NETWORK.replace(', %six)', ')').replace(
      '@[2 "fc" "Gemm"]',
      '@[2 "fc" "Gemm", 3 "bn" "BatchNormalization"]',
    );
    const namesOf = (text: string): string[] => {
      const network = parseGraph(text, OPERATORS);
      const { taps } = torchmodeloptRecipe.plan(network, assignRoles(network).points, undefined);
      return taps.map(({ value }) => value.name);
    };
    expect(namesOf(normalised)).toContain('d');
    expect(namesOf(RECIPE_NETWORK.replace(', %six)', ')'))).not.toContain('d');
  });

  it('lets a pool share the observer of its input, which moves by a hundredth of the way twice a batch', () => {
    expect(tapOf('g')?.observer).toBe(tapOf('r')?.observer);
    tapOf('r')?.observer.observe(Float32Array.of(0, 2));
    tapOf('g')?.observer.observe(Float32Array.of(0, 1));
    const [, r, g] = points;
    for (const point of [r, g]) expect(point && plan.rangeOf(point).max).toBe(Math.fround(2 - Math.fround(0.01)));
  });

  it('runs on weights rounded to powers of two a channel', () => {
    const [constant] = graph.nodes.flatMap(({ op, inputs }) => (op === 'Conv' ? [inputs[1]] : []));
    // 0.5 / 127 → 2^-7: 64 steps; 0.3 / 127 → 2^-8: 76.8 steps.
    expect(constant && Array.from(plan.weights?.(constant) ?? [])).toEqual([0.5, -77 / 256]);
  });

  it('quantises on the grid of the observer, around 127 when signed', () => {
    expect(tapOf('x')?.fake?.({ min: -3, max: 2 })).toEqual({ scale: 2 ** -5, zero: 127, top: 255 });
    expect(tapOf('r')?.fake?.({ min: 0, max: 1.7 })).toEqual({ scale: 2 ** -7, zero: 0, top: 255 });
    expect(tapOf('r')?.fake?.({ min: 0, max: 0 })).toEqual({ scale: 1, zero: 0, top: 255 });
  });

  it('watches every result of an operator that has several', () => {
    const several = parseGraph(
      `graph "g"
       input %x: float32[N,4]
       const %w: float32[2,2] = random 1
       %a, %b = Split(%x) {axis = 1, num_outputs = 2}
       %y = Gemm(%a, %w)
       %z = Gemm(%b, %w)
       output "y" = %y
       output "z" = %z`,
      OPERATORS,
    );
    const roles = assignRoles(several);
    const { taps, rangeOf } = torchmodeloptRecipe.plan(several, roles.points, undefined);
    for (const tap of taps) tap.observer.observe(Float32Array.of(-1, 1));
    expect(taps.map(({ value }) => value.name)).toEqual(['a', 'b', 'y', 'z']);
    for (const point of roles.points) expect(rangeOf(point)).toEqual({ min: -1, max: 1 });
  });
});

describe('the input sequence of torchmodelopt', () => {
  const affine = { factor: [0.8, 0], deviation: [1.25, 2], center: [0.1, 0], offset: [0.3, -0.5] };
  const { bias, multiplier, shift } = torchmodeloptRecipe.input(affine, 2 ** -6);

  it('adds up its bias in float32, in the order of torch', () => {
    const f = Math.fround;
    // σ = 1.25, γ = 1: (β·σ/γ - μ) + s/2 / (γ/σ).
    expect(bias[0]).toBe(f(f(f(f(0.3 * 1.25) / 1) - 0.1) + f(2 ** -7 / f(0.8))));
    expect(bias[0]).toBeCloseTo((0.3 + 2 ** -7) / 0.8 - 0.1, 6);
    // 0.8 · 2^6 = 51.2 = 3277 / 2^6, the largest multiplier of 12 bits.
    expect([multiplier[0], shift[0]]).toEqual([3277, 6]);
  });

  it('leaves a constant channel and an input without BatchNormalization as they are', () => {
    expect(bias[1]).toBe(quantiseInput(affine, 2 ** -6).bias[1]);
    expect(torchmodeloptRecipe.input(undefined, 2 ** -6)).toEqual(quantiseInput(undefined, 2 ** -6));
  });
});
