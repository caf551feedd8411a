import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFloat, type DType } from '../../../src/ir/dtype.js';
import { broadcastShapes } from '../../../src/ir/shape.js';
import type { Tensor } from '../../../src/ir/tensor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { specOf } from '../../../src/runtime/float/specs.js';
import { shortFloatRounding } from '../../../src/runtime/float/store.js';
import { ExecutionFault } from '../../../src/runtime/kernel.js';
import { compute } from '../../support/compute.js';
import { build, expectEqual } from '../../support/naive-tensor.js';
import { broadcastDims, broadcastElement, tensorFrom, tensorOf, wrapTo } from '../../support/random-tensors.js';
import { execute, type AttributeInputs } from '../../support/run-operator.js';

const run = (name: string, inputs: readonly Tensor[], attrs: AttributeInputs = {}): Tensor | undefined =>
  compute(specOf(name), ELEMENTWISE_KERNELS, inputs, attrs)[0];
const sample = { numRuns: 400, seed: 50 };

const FLOATS: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];
const INTEGERS: readonly DType[] = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'];

/** One operator on scalars: floats in float64, integers as unbounded ones. */
interface Meaning {
  readonly float?: (a: number, b: number) => number;
  readonly integer?: (a: bigint, b: bigint) => bigint;
  readonly attrs?: AttributeInputs;
  readonly types?: readonly DType[];
  readonly bool?: boolean;
}

const floorMod = (a: bigint, b: bigint): bigint => (b === 0n ? 0n : ((a % b) + b) % b);
const MEANINGS: readonly (readonly [string, Meaning])[] = [
  ['Add', { float: (a, b) => a + b, integer: (a, b) => a + b }],
  ['Sub', { float: (a, b) => a - b, integer: (a, b) => a - b }],
  ['Mul', { float: (a, b) => a * b, integer: (a, b) => a * b }],
  ['Div', { float: (a, b) => a / b, integer: (a, b) => (b === 0n ? 0n : a / b) }],
  ['Min', { float: Math.min, integer: (a, b) => (a < b ? a : b) }],
  ['Max', { float: Math.max, integer: (a, b) => (a < b ? b : a) }],
  ['Mod', { integer: floorMod }],
  ['Mod', { float: (a, b) => a % b, integer: (a, b) => (b === 0n ? 0n : a % b), attrs: { fmod: 1 } }],
  ['BitwiseAnd', { integer: (a, b) => a & b }],
  ['BitwiseOr', { integer: (a, b) => a | b }],
  ['BitwiseXor', { integer: (a, b) => a ^ b }],
  ['Equal', { float: (a, b) => +(a === b), integer: (a, b) => BigInt(a === b), bool: true }],
  ['Greater', { float: (a, b) => +(a > b), integer: (a, b) => BigInt(a > b), bool: true }],
  ['GreaterOrEqual', { float: (a, b) => +(a >= b), integer: (a, b) => BigInt(a >= b), bool: true }],
  ['Less', { float: (a, b) => +(a < b), integer: (a, b) => BigInt(a < b), bool: true }],
  ['LessOrEqual', { float: (a, b) => +(a <= b), integer: (a, b) => BigInt(a <= b), bool: true }],
];

/** What `meaning` makes of two broadcast operands, rounded or wrapped to the type once. */
function naive(meaning: Meaning, dims: readonly number[], a: Tensor, b: Tensor): Tensor {
  const result = meaning.bool === true ? 'bool' : a.dtype;
  const round = shortFloatRounding(result) ?? ((value: number) => value);
  return build(result, dims, (at) => {
    const [x, y] = [broadcastElement(a, at), broadcastElement(b, at)];
    if (isFloat(a.dtype)) {
      const value = meaning.float?.(Number(x), Number(y)) ?? NaN;
      // Loops on 16-bit floats compute in float32 and round once more, which loses nothing for these operators.
      return a.dtype === 'float64' ? value : round(Math.fround(value));
    }
    return wrapTo(result === 'bool' ? 'uint8' : result, meaning.integer?.(BigInt(x), BigInt(y)) ?? 0n);
  });
}

describe('binary operators', () => {
  it.each(MEANINGS.map(([name, meaning]) => [name, JSON.stringify(meaning.attrs ?? {}), meaning] as const))(
    '%s %s is elementwise on broadcast operands',
    (name, _, meaning) => {
      const types = [...(meaning.float ? FLOATS : []), ...(meaning.integer ? INTEGERS : [])];
      const cases = fc
        .record({ dtype: fc.constantFrom(...types), shapes: broadcastDims(2) })
        .chain(({ dtype, shapes }) => {
          const [first = [], second = []] = shapes.operands;
          return fc.tuple(fc.constant(shapes.dims), tensorOf(dtype, first), tensorOf(dtype, second));
        });
      fc.assert(
        fc.property(cases, ([dims, a, b]) => {
          expectEqual(run(name, [a, b], meaning.attrs), naive(meaning, dims, a, b));
        }),
        sample,
      );
    },
  );

  it.each(['And', 'Or', 'Xor'])('%s combines truth values', (name) => {
    const a = tensorFrom('bool', [2, 2], [0, 0, 1, 1]);
    const b = tensorFrom('bool', [2, 2], [0, 1, 0, 1]);
    const wanted = { And: [0, 0, 0, 1], Or: [0, 1, 1, 1], Xor: [0, 1, 1, 0] }[name];
    expect(run(name, [a, b])?.toNumbers()).toEqual(wanted);
  });

  it.each(['LEFT', 'RIGHT'])('BitShift %s loses the bits shifted out', (direction) => {
    const cases = fc.constantFrom<DType>('uint8', 'uint16', 'uint32', 'uint64').chain((dtype) =>
      fc.tuple(
        tensorOf(dtype, [6]),
        tensorOf(
          dtype,
          [6],
          fc.nat({ max: 70 }).map((n) => wrapTo(dtype, BigInt(n))),
        ),
      ),
    );
    fc.assert(
      fc.property(cases, ([a, b]) => {
        const meaning: Meaning = { integer: (x, n) => (direction === 'LEFT' ? x << n : x >> n) };
        expectEqual(run('BitShift', [a, b], { direction }), naive(meaning, [6], a, b));
      }),
      sample,
    );
  });

  it('PRelu scales negative elements by the slope that belongs to them', () => {
    const x = tensorFrom('float32', [1, 2, 2], [-1, 2, -3, NaN]);
    const slope = tensorFrom('float32', [2, 1], [0.5, 0.25]);
    expect(run('PRelu', [x, slope])?.toNumbers()).toEqual([-0.5, 2, -0.75, NaN]);
    const integers = tensorFrom('int32', [3], [-(2 ** 31), -5, 7]);
    expect(run('PRelu', [integers, tensorFrom('int32', [1], [2 ** 31 - 1])])?.toNumbers()).toEqual([
      -(2 ** 31),
      Number(BigInt.asIntN(32, -5n * (2n ** 31n - 1n))),
      7,
    ]);
    const wide = tensorFrom('int64', [2], [-(2n ** 40n), 3n]);
    expect(run('PRelu', [wide, tensorFrom('int64', [], [2n ** 30n])])?.data).toEqual(
      BigInt64Array.of(BigInt.asIntN(64, -(2n ** 70n)), 3n),
    );
  });
});

describe('variadic operators', () => {
  const operands = broadcastDims(4).chain(({ dims, operands: shapes }) =>
    fc
      .tuple(fc.constant(dims), fc.constantFrom<DType>('float32', 'int32', 'int64'))
      .chain(([all, dtype]) => fc.tuple(fc.constant(all), fc.tuple(...shapes.map((shape) => tensorOf(dtype, shape))))),
  );

  it.each(['Min', 'Max'])('%s folds any number of operands', (name) => {
    fc.assert(
      fc.property(operands, fc.integer({ min: 1, max: 4 }), ([, tensors], count) => {
        const used = tensors.slice(0, count);
        const shape = broadcastShapes(...used.map((tensor) => tensor.dims)) as number[];
        const result = run(name, used);
        const wanted = build(used[0]?.dtype ?? 'float32', shape, (at) =>
          used
            .map((tensor) => broadcastElement(tensor, at))
            .reduce((x, y) => {
              if (typeof x === 'number' && typeof y === 'number')
                return name === 'Min' ? Math.min(x, y) : Math.max(x, y);
              return x < y === (name === 'Min') ? x : y;
            }),
        );
        expectEqual(result, wanted);
      }),
      sample,
    );
  });

  it('Sum and Mean add up in float32', () => {
    const tensors = [
      tensorFrom('float32', [2], [1, 2]),
      tensorFrom('float32', [], [10]),
      tensorFrom('float32', [1], [0.5]),
    ];
    expect(run('Sum', tensors)?.toNumbers()).toEqual([11.5, 12.5]);
    expect(run('Mean', tensors)?.toNumbers()).toEqual([Math.fround(11.5 / 3), Math.fround(12.5 / 3)]);
    expect(run('Mean', tensors.slice(0, 1))?.toNumbers()).toEqual([1, 2]);
    const halves = [tensorFrom('float16', [1], [2048]), tensorFrom('float16', [1], [1])];
    expect(run('Sum', halves)?.toNumbers()).toEqual([2048]);
  });
});

describe('Pow', () => {
  it.each([
    [1, NaN, 1],
    [NaN, 0, 1],
    [-1, Infinity, 1],
    [-1, -Infinity, 1],
    [0, -1, Infinity],
    [-8, 1 / 3, NaN],
    [2, 0.5, Math.fround(Math.SQRT2)],
    [-2, 3, -8],
    [1e30, 2, Infinity],
  ])('%f to the power %f is %f, as in C', (base, exponent, wanted) => {
    expect(run('Pow', [tensorFrom('float32', [], [base]), tensorFrom('float64', [], [exponent])])?.data[0]).toBe(
      wanted,
    );
  });

  it('of integers is exact and wraps', () => {
    const cases = fc
      .constantFrom<DType>('int32', 'int64')
      .chain((dtype) => fc.tuple(tensorOf(dtype, [5]), tensorOf('uint8', [5])));
    fc.assert(
      fc.property(cases, ([base, exponent]) => {
        const wanted = build(base.dtype, [5], ([i = 0]) =>
          wrapTo(base.dtype, BigInt(base.data[i] ?? 0) ** BigInt(exponent.data[i] ?? 0)),
        );
        expectEqual(run('Pow', [base, exponent]), wanted);
      }),
      sample,
    );
  });

  it('of integers to negative or vast exponents ends', () => {
    const base = tensorFrom('int64', [6], [1n, -1n, -1n, 2n, 0n, 3n]);
    const exponent = tensorFrom('int64', [6], [-5n, -4n, -3n, -1n, -1n, 2n ** 62n]);
    expect(run('Pow', [base, exponent])?.data.slice(0, 5)).toEqual(BigInt64Array.of(1n, 1n, -1n, 0n, 0n));
    expect(run('Pow', [base, exponent])?.data[5]).toBe(1n);
  });

  it('of an integer to a fraction is cut to an integer', () => {
    const result = run('Pow', [tensorFrom('int32', [3], [2, 9, -4]), tensorFrom('float32', [], [0.5])]);
    expect(result?.toNumbers()).toEqual([1, 3, 0]);
  });
});

describe('sizes', () => {
  it('that were unknown and do not fit are refused', () => {
    const [a, b] = [tensorFrom('float32', [2], [1, 2]), tensorFrom('float32', [3], [1, 2, 3])];
    expect(() => execute(specOf('Add'), ELEMENTWISE_KERNELS, [a, b])).toThrow(ExecutionFault);
    expect(() => execute(specOf('Max'), ELEMENTWISE_KERNELS, [a, a, b])).toThrow('does not broadcast');
  });

  it('of 64 bits are exact beyond 2^53', () => {
    const [a, b] = [tensorFrom('int64', [], [2n ** 53n]), tensorFrom('int64', [], [2n ** 53n + 1n])];
    expect(run('Equal', [a, b])?.data[0]).toBe(0);
    expect(run('Less', [a, b])?.data[0]).toBe(1);
  });
});
