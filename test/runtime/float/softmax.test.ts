import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { specOf } from '../../../src/runtime/float/specs.js';
import { compute } from '../../support/compute.js';
import { build, dimsOf, elementAt } from '../../support/naive-tensor.js';
import { tensorFrom, tensorOf } from '../../support/random-tensors.js';
import type { AttributeInputs } from '../../support/run-operator.js';

const run = (name: string, x: Tensor, attrs: AttributeInputs = {}): Tensor => {
  const [result] = compute(specOf(name), ELEMENTWISE_KERNELS, [x], attrs);
  if (result === undefined) throw new Error('no result');
  return result;
};
const sample = { numRuns: 300, seed: 90 };

const draws = fc
  .tuple(fc.constantFrom<DType>('float32', 'float64', 'float16', 'bfloat16'), dimsOf({ minRank: 1, min: 1 }))
  .chain(([dtype, dims]) =>
    fc.tuple(
      tensorOf(
        dtype,
        dims,
        fc.integer({ min: -80, max: 80 }).map((v) => v / 8),
      ),
      fc.integer({ min: -dims.length, max: dims.length - 1 }),
    ),
  );

/** Half a unit in the last place relative to the value, and what the formulas lose in float64. */
const RELATIVE: Partial<Record<DType, number>> = {
  float32: 2 ** -24,
  float64: 1e-14,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
};

describe('Softmax and LogSoftmax', () => {
  it.each(['Softmax', 'LogSoftmax'])('%s is its formula along any axis', (name) => {
    fc.assert(
      fc.property(draws, ([x, axis]) => {
        const along = axis < 0 ? axis + x.rank : axis;
        const wanted = build('float64', x.dims, (at) => {
          const line = Array.from({ length: x.dims[along] ?? 0 }, (_, i) => Number(elementAt(x, at.with(along, i))));
          const log = Number(elementAt(x, at)) - Math.log(line.reduce((total, v) => total + Math.exp(v), 0));
          return name === 'Softmax' ? Math.exp(log) : log;
        });
        const result = run(name, x, { axis });
        for (const [i, value] of wanted.toNumbers().entries()) {
          // float16 has its smallest steps at 2^-24; cancellation near log 1 = 0 loses 1e-14 absolute in float64.
          const absolute = x.dtype === 'float16' ? 2 ** -25 : 2e-14;
          const tolerance = (RELATIVE[x.dtype] ?? 0) * 1.01 * Math.abs(value) + absolute;
          expect(Math.abs(Number(result.data[i]) - value)).toBeLessThanOrEqual(tolerance);
        }
      }),
      sample,
    );
  });

  it('take the last axis by default', () => {
    const x = tensorFrom('float32', [2, 2], [0, 0, 0, Math.log(3)]);
    expect(run('Softmax', x).toNumbers()).toEqual([0.5, 0.5, 0.25, 0.75]);
  });

  it('neither overflow nor underflow', () => {
    const x = tensorFrom('float32', [2, 3], [1000, 1000, -Infinity, -1000, -1001, -1e30]);
    const p = 1 / (1 + Math.exp(-1));
    expect(run('Softmax', x).toNumbers()).toEqual([0.5, 0.5, 0, p, 1 - p, 0].map(Math.fround));
    expect(run('LogSoftmax', x).toNumbers().slice(0, 3)).toEqual([-Math.LN2, -Math.LN2, -Infinity].map(Math.fround));
  });

  it('of NaN, or of infinities alone, are NaN', () => {
    const x = tensorFrom('float32', [3, 2], [NaN, 1, -Infinity, -Infinity, Infinity, 1]);
    for (const name of ['Softmax', 'LogSoftmax']) expect(run(name, x).toNumbers().every(Number.isNaN)).toBe(true);
  });

  it('keep empty tensors', () => {
    expect(run('Softmax', Tensor.zeros('float32', [2, 0])).dims).toEqual([2, 0]);
    expect(run('Softmax', Tensor.zeros('float32', [0, 2])).dims).toEqual([0, 2]);
  });
});

describe('Hardmax', () => {
  it('marks the first largest element of every line', () => {
    const x = tensorFrom('float32', [2, 3], [1, 3, 3, -1, -2, -1]);
    expect(run('Hardmax', x).toNumbers()).toEqual([0, 1, 0, 1, 0, 0]);
    expect(run('Hardmax', x, { axis: 0 }).toNumbers()).toEqual([1, 1, 1, 0, 0, 0]);
  });
});
