import { describe, expect, it } from 'vitest';
import { Attributes } from '../../../src/ir/attributes.js';
import { uniformSource } from '../../../src/ir/random.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { GramObserver, type GramMatrix } from '../../../src/passes/calibration/gram.js';
import { mergeMoments } from '../../../src/passes/calibration/merge-moments.js';
import { sliceRows } from '../../../src/passes/calibration/stored.js';

const GEMM = { op: 'Gemm', attrs: Attributes.of({}) };
const [ROWS, TAPS] = [30, 4];

const random = (seed: number): Tensor<'float32'> => {
  const next = uniformSource(seed);
  return Tensor.float32([ROWS, TAPS], Float32Array.from({ length: ROWS * TAPS }, next));
};

/** Sums of 30 products below 1 in float64, in another order. */
const DIGITS = 12;

describe('mergeMoments', () => {
  const [x, reference] = [random(1), random(2)];
  const momentsOf = (from: number, to: number, crossed: boolean): GramMatrix => {
    const observer = new GramObserver(GEMM, [TAPS, 3], { samples: to - from });
    if (crossed) observer.observe(sliceRows(x, from, to), sliceRows(reference, from, to));
    else observer.observe(sliceRows(x, from, to));
    return observer.result() ?? expect.fail('nothing was observed');
  };

  it.each([true, false])(
    'gives the moments of all patches, from parts of different sizes (reference: %s)',
    (crossed) => {
      const whole = momentsOf(0, ROWS, crossed);
      const merged = mergeMoments(momentsOf(0, 7, crossed), momentsOf(7, ROWS, crossed));
      expect(merged).toMatchObject({ groups: 1, taps: TAPS, patches: ROWS });
      const lists = ({ mean, diagonal, products, reference: r }: GramMatrix): (Float64Array | undefined)[] => [
        mean,
        diagonal,
        products,
        r?.mean,
        r?.products,
      ];
      for (const [i, list] of lists(whole).entries()) {
        const found = lists(merged)[i];
        expect(found?.length).toBe(list?.length);
        for (const [at, moment] of list?.entries() ?? []) expect(found?.[at]).toBeCloseTo(moment, DIGITS);
      }
    },
  );
});
