import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip } from '../../../src/ir/ops/quantised/operators.js';
import { INTEGER_KERNELS } from '../../../src/runtime/integer/index.js';
import { activation, bounds, clipped } from '../../support/clip-bounds.js';
import { tensorOf } from '../../support/random-tensors.js';
import { infer, run } from '../../support/run-operator.js';

const KERNELS = INTEGER_KERNELS.map(([name, kernel]) => [name.slice(2), kernel] as const);

describe('q.Clip', () => {
  it('equals the comparisons of its definition', () => {
    fc.assert(
      fc.property(
        activation.chain((dtype) => tensorOf(dtype, [2, 3])),
        bounds,
        (x, attrs) => {
          const [result] = run(clip, KERNELS, [x], attrs);
          expect(result?.toNumbers()).toEqual(x.toNumbers().map((value) => clipped(BigInt(value), attrs)));
        },
      ),
      { seed: 32, numRuns: 200 },
    );
  });

  it('is of the narrowest type that holds the bounds', () => {
    const typeOf = (lo: number, hi: number): unknown =>
      infer(clip, [{ dtype: 'int16', shape: ['N', 2] }], { lo, hi })[0]?.type;
    expect([typeOf(0, 255), typeOf(-128, 127), typeOf(0, 256), typeOf(-129, 0)]).toEqual(
      ['uint8', 'int8', 'int16', 'int16'].map((dtype) => ({ dtype, shape: ['N', 2] })),
    );
  });
});
