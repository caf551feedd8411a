import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add } from '../../../src/ir/ops/quantised/operators.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { INTEGER_KERNELS } from '../../../src/runtime/integer/index.js';
import { activation, bounds, clipped } from '../../support/clip-bounds.js';
import { broadcastDims, broadcastElement, tensorOf } from '../../support/random-tensors.js';
import { inferenceTable } from '../../support/inference-table.js';
import { run } from '../../support/run-operator.js';
import { coordinatesOf } from '../../support/naive-tensor.js';

const KERNELS = INTEGER_KERNELS.map(([name, kernel]) => [name.slice(2), kernel] as const);

describe('q.Add', () => {
  it('equals the clipped sum in big integers under broadcasting', () => {
    fc.assert(
      fc.property(
        broadcastDims(2).chain(({ dims, operands: [a = [], b = []] }) =>
          fc.record({
            dims: fc.constant(dims),
            a: activation.chain((dtype) => tensorOf(dtype, a)),
            b: activation.chain((dtype) => tensorOf(dtype, b)),
            attrs: bounds,
          }),
        ),
        ({ dims, a, b, attrs }) => {
          const [result] = run(add, KERNELS, [a, b], attrs);
          const expected = Array.from({ length: sizeOf(dims) }, (_, place) => {
            const at = coordinatesOf(place, dims);
            return clipped(BigInt(broadcastElement(a, at)) + BigInt(broadcastElement(b, at)), attrs);
          });
          expect(result?.dims).toEqual(dims);
          expect(result?.toNumbers()).toEqual(expected);
        },
      ),
      { seed: 31, numRuns: 300 },
    );
  });

  const x = { dtype: 'int8' as const, shape: ['N', 3, 2] };
  inferenceTable(add, [
    {
      title: 'a shape that broadcasts',
      inputs: [x, { dtype: 'uint8', shape: [3, 1] }],
      attrs: { lo: 0, hi: 255 },
      gives: ['N', 3, 2],
    },
    {
      title: 'sizes that do not go together',
      inputs: [x, { dtype: 'int8', shape: [4] }],
      attrs: { lo: 0, hi: 255 },
      fault: ['shape-mismatch', 'does not broadcast'],
    },
    {
      title: 'an accumulator',
      inputs: [x, { dtype: 'int32', shape: [2] }],
      attrs: { lo: 0, hi: 255 },
      fault: ['unsupported-type', 'input 1 of Add is int32, accepted: int8, uint8, int16'],
    },
    {
      title: 'bounds beyond 16 bits',
      inputs: [x, x],
      attrs: { lo: -40000, hi: 255 },
      fault: ['invalid-attribute', 'Add clips to -40000 … 255'],
    },
  ]);
});
