import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { clip } from '../../../src/ir/ops/clip.js';
import { dropout, identity } from '../../../src/ir/ops/identity.js';
import { where } from '../../../src/ir/ops/where.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { ExecutionFault } from '../../../src/runtime/kernel.js';
import { compute } from '../../support/compute.js';
import { anyDType, build, expectEqual } from '../../support/naive-tensor.js';
import { broadcastDims, broadcastElement, tensorFrom, tensorOf } from '../../support/random-tensors.js';
import { execute } from '../../support/run-operator.js';

const sample = { numRuns: 400, seed: 110 };
const NUMERIC: readonly DType[] = [
  ...(['float32', 'float64', 'float16', 'bfloat16', 'int8', 'int16', 'int32', 'int64'] as const),
  ...(['uint8', 'uint16', 'uint32', 'uint64'] as const),
];

/** What a bound that is left out stands at. */
const LARGEST: Partial<Record<DType, number>> = {
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
};

describe('Clip', () => {
  const draws = fc
    .constantFrom(...NUMERIC)
    .chain((dtype) =>
      fc.tuple(tensorOf(dtype, [2, 3]), fc.option(tensorOf(dtype, [])), fc.option(tensorOf(dtype, [1]))),
    );

  it('is the smaller of the upper bound and the larger of lower bound and element', () => {
    fc.assert(
      fc.property(draws, ([x, lo, hi]) => {
        const largest = LARGEST[x.dtype] ?? Infinity;
        const [low, high] = [lo?.data[0] ?? -largest, hi?.data[0] ?? largest];
        fc.pre(low <= high);
        const wanted = build(x.dtype, [2, 3], ([i = 0, j = 0]) => {
          const v = x.data[i * 3 + j] ?? 0;
          return v < low ? low : v > high ? high : v;
        });
        expectEqual(compute(clip, ELEMENTWISE_KERNELS, [x, lo ?? undefined, hi ?? undefined])[0], wanted);
      }),
      sample,
    );
  });

  it.each(NUMERIC)('of %s gives the upper bound when the bounds have changed places', (dtype) => {
    const number = (v: number): number | bigint => (dtype.endsWith('int64') ? BigInt(v) : v);
    const x = tensorFrom(dtype, [4], [0, 3, 5, 9].map(number));
    const bounds = [7, 4].map((v) => tensorFrom(dtype, [], [number(v)]));
    expect(compute(clip, ELEMENTWISE_KERNELS, [x, ...bounds])[0]?.toNumbers()).toEqual([4, 4, 4, 4]);
  });

  it('keeps NaN and the sign of zero', () => {
    const x = tensorFrom('float32', [4], [NaN, -0, -Infinity, Infinity]);
    const [zero, six] = [tensorFrom('float32', [], [0]), tensorFrom('float32', [], [6])];
    expect(compute(clip, ELEMENTWISE_KERNELS, [x, zero, six])[0]?.toNumbers()).toEqual([NaN, -0, 0, 6]);
  });

  it('refuses a bound that turns out to be a list', () => {
    const x = tensorFrom('float32', [2], [1, 2]);
    expect(() => execute(clip, ELEMENTWISE_KERNELS, [x, x])).toThrow(ExecutionFault);
  });
});

describe('Where', () => {
  it('moves elements of any type as they are', () => {
    const draws = fc.tuple(anyDType, broadcastDims(3)).chain(([dtype, { dims, operands }]) => {
      const [c = [], a = [], b = []] = operands;
      return fc.tuple(fc.constant(dims), tensorOf('bool', c), tensorOf(dtype, a), tensorOf(dtype, b));
    });
    fc.assert(
      fc.property(draws, ([dims, condition, a, b]) => {
        const wanted = build(a.dtype, dims, (at) =>
          broadcastElement(broadcastElement(condition, at) === 1 ? a : b, at),
        );
        expectEqual(compute(where, ELEMENTWISE_KERNELS, [condition, a, b])[0], wanted);
      }),
      sample,
    );
  });

  it('keeps the payload of NaN', () => {
    const odd = new Tensor('float32', [1], new Float32Array(Uint32Array.of(0xffc12345).buffer));
    const [result] = compute(where, ELEMENTWISE_KERNELS, [
      tensorFrom('bool', [], [1]),
      odd,
      tensorFrom('float32', [], [0]),
    ]);
    expect(new Uint32Array((result?.data ?? odd.data).buffer, 0, 1)[0]).toBe(0xffc12345);
  });
});

describe('Identity and Dropout', () => {
  const x = tensorFrom('float32', [2], [1, NaN]);

  it('share the elements of the input', () => {
    for (const spec of [identity, dropout]) expect(compute(spec, ELEMENTWISE_KERNELS, [x])[0]?.data).toBe(x.data);
  });

  it('Dropout drops nothing and says so', () => {
    const [, mask] = compute(dropout, ELEMENTWISE_KERNELS, [x, tensorFrom('float32', [], [0.9])], {}, 2);
    expect(mask).toEqual(tensorFrom('bool', [2], [1, 1]));
  });

  it('Dropout refuses training that only running reveals', () => {
    const training = tensorFrom('bool', [], [1]);
    expect(() => execute(dropout, ELEMENTWISE_KERNELS, [x, undefined, training])).toThrow('training_mode true');
  });
});
