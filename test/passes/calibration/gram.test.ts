import { describe, expect, it } from 'vitest';
import { Attributes } from '../../../src/ir/attributes.js';
import { uniformSource } from '../../../src/ir/random.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { GramObserver, MAX_GRAM_TAPS, type GramOptions } from '../../../src/passes/calibration/gram.js';
import { planPatches } from '../../../src/passes/calibration/patches.js';
import { sliceRows } from '../../../src/passes/calibration/stored.js';

const random = (dims: readonly number[], seed: number): Tensor<'float32'> => {
  const next = uniformSource(seed);
  return Tensor.float32(dims, Float32Array.from({ length: sizeOf(dims) }, next));
};

const DEPTHWISE = { op: 'Conv', attrs: Attributes.of({ group: 2, pads: [1, 0, 0, 1], strides: [1, 2] }) };
const WEIGHTS = [4, 1, 2, 3];
const GEMM = { op: 'Gemm', attrs: Attributes.of({}) };

const observer = (options?: GramOptions): GramObserver => new GramObserver(DEPTHWISE, WEIGHTS, options);

/** Sums of 70 terms below 1 in float64. */
const DIGITS = 12;

describe('GramObserver', () => {
  const x = random([5, 2, 4, 6], 1);
  const reference = random([5, 2, 4, 6], 2);

  it('averages the moments of all patches where there are few', () => {
    const gram = observer({ samples: 5 });
    gram.observe(x, reference);
    const result = gram.result();
    const { groups, taps, samples, positions, copy } = planPatches(DEPTHWISE, x.dims, WEIGHTS);
    expect(result).toMatchObject({ groups: 2, taps: 6, patches: samples * positions });
    const [patch, other] = [new Float64Array(groups * taps), new Float64Array(groups * taps)];
    const mean = new Float64Array(groups * taps);
    const products = new Float64Array(groups * taps * taps);
    const crossed = new Float64Array(groups * taps * taps);
    for (let i = 0; i < samples * positions; i++) {
      copy(x.data, Math.floor(i / positions), i % positions, patch, 0, 1);
      copy(reference.data, Math.floor(i / positions), i % positions, other, 0, 1);
      for (const [a, value] of patch.entries()) {
        mean[a] = (mean[a] ?? 0) + value / (samples * positions);
        for (let tap = 0; tap < taps; tap++) {
          const b = a - (a % taps) + tap;
          const at = a * taps + tap;
          products[at] = (products[at] ?? 0) + (value * (patch[b] ?? NaN)) / (samples * positions);
          crossed[at] = (crossed[at] ?? 0) + (value * (other[b] ?? NaN)) / (samples * positions);
        }
      }
    }
    for (const [i, value] of mean.entries()) {
      expect(result?.mean[i]).toBeCloseTo(value, DIGITS);
      expect(result?.diagonal[i]).toBeCloseTo(products[i * taps + (i % taps)] ?? NaN, DIGITS);
    }
    for (const [i, value] of products.entries()) expect(result?.products?.[i]).toBeCloseTo(value, DIGITS);
    for (const [i, value] of crossed.entries()) expect(result?.reference?.products[i]).toBeCloseTo(value, DIGITS);
  });

  it('does not depend on how samples are batched', () => {
    const whole = observer();
    const parts = observer();
    whole.observe(x);
    for (const [start, end] of [
      [0, 2],
      [2, 3],
      [3, 5],
    ] as const) {
      parts.observe(sliceRows(x, start, end));
    }
    expect(parts.result()).toEqual(whole.result());
  });

  it('takes fewer patches where they cost more than the budget, spread over all samples', () => {
    const wide = random([64, 32, 8, 8], 3);
    const node = { op: 'Conv', attrs: Attributes.of({}) };
    const gram = new GramObserver(node, [8, 32, 3, 3], { samples: 64, budget: 1e5 });
    gram.observe(wide);
    // 256 patches are taken whatever they cost: 4 of each sample.
    expect(gram.result()?.patches).toBe(256);
  });

  it('keeps the diagonal alone of layers with very many taps', () => {
    const gram = new GramObserver(GEMM, [MAX_GRAM_TAPS + 1, 1], { samples: 3 });
    const rows = random([3, MAX_GRAM_TAPS + 1], 4);
    gram.observe(rows, rows);
    const result = gram.result();
    expect(result?.products).toBeUndefined();
    expect(result?.reference).toBeUndefined();
    const column = [0, 1, 2].map((row) => rows.data[row * (MAX_GRAM_TAPS + 1) + 7] ?? NaN);
    expect(result?.diagonal[7]).toBeCloseTo(column.reduce((sum, v) => sum + v * v, 0) / 3, DIGITS);
  });

  it('has nothing to say before the first patch', () => {
    expect(observer().result()).toBeUndefined();
  });

  it('can be asked in between', () => {
    const gram = observer({ samples: 5 });
    gram.observe(sliceRows(x, 0, 2));
    expect(gram.result()?.patches).toBe(2 * 12);
    gram.observe(sliceRows(x, 2, 5));
    const whole = observer({ samples: 5 });
    whole.observe(x);
    for (const [i, value] of whole.result()?.products?.entries() ?? []) {
      expect(gram.result()?.products?.[i]).toBeCloseTo(value, DIGITS);
    }
  });
});
