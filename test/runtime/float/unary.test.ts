import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import type { Tensor } from '../../../src/ir/tensor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { specOf } from '../../../src/runtime/float/specs.js';
import { shortFloatRounding } from '../../../src/runtime/float/store.js';
import { compute } from '../../support/compute.js';
import { build, expectEqual } from '../../support/naive-tensor.js';
import { SPECIAL_FLOATS, tensorFrom, tensorOf, wrapTo } from '../../support/random-tensors.js';
import type { AttributeInputs } from '../../support/run-operator.js';

const run = (name: string, x: Tensor, attrs: AttributeInputs = {}): Tensor => {
  const [result] = compute(specOf(name), ELEMENTWISE_KERNELS, [x], attrs);
  if (result === undefined) throw new Error('no result');
  return result;
};
const sample = { numRuns: 400, seed: 60 };
const FLOATS: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];

interface Meaning {
  readonly f: (v: number) => number;
  readonly attrs?: AttributeInputs;
}

const f32 = Math.fround;
const sigmoid = (v: number): number => (v < 0 ? Math.exp(v) / (1 + Math.exp(v)) : 1 / (1 + Math.exp(-v)));
const softplus = (v: number): number => (v > 30 ? v : Math.log1p(Math.exp(v)));
const clamp = (v: number, lo: number, hi: number): number => (Number.isNaN(v) ? v : Math.min(Math.max(v, lo), hi));
const elu = (v: number, alpha: number): number => (v < 0 ? alpha * Math.expm1(v) : v);

/** Formulas of the operator text with attributes in float32. */
const EXACT: readonly (readonly [string, Meaning])[] = [
  ['Relu', { f: (v) => (v < 0 ? 0 : v) }],
  ['LeakyRelu', { f: (v) => (v < 0 ? f32(0.01) * v : v) }],
  ['LeakyRelu', { f: (v) => (v < 0 ? f32(-0.3) * v : v), attrs: { alpha: { float: -0.3 } } }],
  ['ThresholdedRelu', { f: (v) => (v > 1 ? v : 0) }],
  ['ThresholdedRelu', { f: (v) => (v > f32(0.7) ? v : 0), attrs: { alpha: { float: 0.7 } } }],
  ['Elu', { f: (v) => elu(v, 1) }],
  ['Elu', { f: (v) => elu(v, 2.5), attrs: { alpha: { float: 2.5 } } }],
  ['Selu', { f: (v) => f32(1.0507009873554805) * elu(v, f32(1.6732632423543772)) }],
  ['Selu', { f: (v) => 3 * elu(v, 2), attrs: { alpha: { float: 2 }, gamma: { float: 3 } } }],
  ['Celu', { f: (v) => (v < 0 ? 2 * Math.expm1(v / 2) : v), attrs: { alpha: { float: 2 } } }],
  ['HardSigmoid', { f: (v) => clamp(f32(0.2) * v + 0.5, 0, 1) }],
  ['HardSigmoid', { f: (v) => clamp(2 * v - 1, 0, 1), attrs: { alpha: { float: 2 }, beta: { float: -1 } } }],
  ['Tanh', { f: Math.tanh }],
  ['Abs', { f: Math.abs }],
  ['Neg', { f: (v) => -v }],
  ['Sign', { f: Math.sign }],
  ['Floor', { f: Math.floor }],
  ['Ceil', { f: Math.ceil }],
  ['Sqrt', { f: Math.sqrt }],
  ['Reciprocal', { f: (v) => 1 / v }],
  ['Exp', { f: Math.exp }],
  ['Log', { f: Math.log }],
  ['Sin', { f: Math.sin }],
  ['Cos', { f: Math.cos }],
  ['Tan', { f: Math.tan }],
  ['Asin', { f: Math.asin }],
  ['Acos', { f: Math.acos }],
  ['Atan', { f: Math.atan }],
  ['Sinh', { f: Math.sinh }],
  ['Cosh', { f: Math.cosh }],
  ['Asinh', { f: Math.asinh }],
  ['Acosh', { f: Math.acosh }],
  ['Atanh', { f: Math.atanh }],
];

/** Formulas that kernels evaluate in a form without overflow or cancellation. */
const CLOSE: readonly (readonly [string, Meaning])[] = [
  ['Sigmoid', { f: sigmoid }],
  ['Swish', { f: (v) => v * sigmoid(v) }],
  ['Swish', { f: (v) => v * sigmoid(1.5 * v), attrs: { alpha: { float: 1.5 } } }],
  ['HardSwish', { f: (v) => v * clamp(v / 6 + 0.5, 0, 1) }],
  ['Softplus', { f: softplus }],
  ['Softsign', { f: (v) => v / (1 + Math.abs(v)) }],
  ['Mish', { f: (v) => v * Math.tanh(softplus(v)) }],
  [
    'Gelu',
    {
      f: (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
      attrs: { approximate: 'tanh' },
    },
  ],
];

const anyFloats = fc.constantFrom(...FLOATS).chain((dtype) => tensorOf(dtype, [7]));
const title = ([name, meaning]: readonly [string, Meaning]): readonly [string, string, Meaning] => [
  name,
  JSON.stringify(meaning.attrs ?? {}),
  meaning,
];

describe('functions of floats', () => {
  it.each(EXACT.map(title))('%s %s is its formula, rounded once', (name, _, { f, attrs }) => {
    fc.assert(
      fc.property(anyFloats, (x) => {
        const round = shortFloatRounding(x.dtype) ?? ((v: number) => v);
        const wanted = build(x.dtype, [7], ([i = 0]) => {
          const value = f(Number(x.data[i]));
          return x.dtype === 'float64' ? value : round(f32(value));
        });
        expectEqual(run(name, x, attrs), wanted);
      }),
      sample,
    );
  });

  it.each(CLOSE.map(title))('%s %s is its formula', (name, _, { f, attrs }) => {
    fc.assert(
      fc.property(tensorOf('float64', [7], fc.double({ min: -40, max: 40, noNaN: true })), (x) => {
        const result = run(name, x, attrs);
        for (const [i, v] of x.toNumbers().entries()) {
          // Both sides lose a few units in the last place of numbers up to |v| to rounding.
          expect(Math.abs(Number(result.data[i]) - f(v))).toBeLessThanOrEqual(1e-15 * (1 + Math.abs(v)));
        }
      }),
      sample,
    );
  });

  it.each([
    ['Sigmoid', [0, 1, NaN]],
    ['Swish', [0, Infinity, NaN]],
    ['HardSwish', [0, Infinity, NaN]],
    ['Softplus', [0, Infinity, NaN]],
    ['Softsign', [-1, 1, NaN]],
    ['Mish', [0, Infinity, NaN]],
    ['Gelu', [0, Infinity, NaN]],
    ['Erf', [-1, 1, NaN]],
  ] as const)('%s has the right limits', (name, limits) => {
    for (const dtype of FLOATS) {
      expect(
        run(name, tensorFrom(dtype, [3], [-Infinity, Infinity, NaN]))
          .toNumbers()
          .map((v) => v + 0),
      ).toEqual(limits);
    }
  });

  it('Gelu keeps its digits in the lower tail', () => {
    // x/2 · erfc(-x/√2) from tables of the normal distribution: Φ(-5) = 2.866515718791939e-7, Φ(-10) = 7.619853024160527e-24.
    const [a, b] = run('Gelu', tensorFrom('float64', [2], [-5, -10])).toNumbers() as [number, number];
    expect(a / (-5 * 2.8665157187919391e-7)).toBeCloseTo(1, 13);
    expect(b / (-10 * 7.6198530241605269e-24)).toBeCloseTo(1, 12);
  });

  it('Gelu by tanh differs from Gelu', () => {
    const x = tensorFrom('float32', [1], [1]);
    expect(run('Gelu', x).toNumbers()).toEqual([f32(0.8413447460685429)]);
    expect(run('Gelu', x, { approximate: 'tanh' }).toNumbers()).toEqual([f32(0.8411919906082768)]);
  });
});

describe('Round', () => {
  it('takes halves to the even neighbour', () => {
    const x = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994, -0.2, 2 ** 52 + 1, -(2 ** 51) - 0.5, 4.6, -4.6];
    const wanted = [-2, -2, -0, 0, 2, 2, 0, -0, 2 ** 52 + 1, -(2 ** 51), 5, -5];
    expect(run('Round', tensorFrom('float64', [12], x)).toNumbers()).toEqual(wanted);
  });

  it('keeps integers, infinities, NaN and the sign of zero', () => {
    const x = tensorFrom('float32', [6], [-0, 0, Infinity, -Infinity, NaN, 8388609]);
    expectEqual(run('Round', x), x);
  });

  it('is nearest everywhere', () => {
    fc.assert(
      fc.property(fc.double({ min: -(2 ** 53), max: 2 ** 53, noNaN: true }), (v) => {
        const [rounded = NaN] = run('Round', tensorFrom('float64', [1], [v])).toNumbers();
        const distance = Math.abs(rounded - v);
        expect(Number.isInteger(rounded)).toBe(true);
        expect(distance).toBeLessThanOrEqual(0.5);
        if (distance === 0.5) expect(rounded % 2 === 0).toBe(true);
      }),
      sample,
    );
  });
});

describe('functions of integers', () => {
  const INTEGERS: readonly DType[] = ['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'];
  it.each<[string, number, (v: bigint) => bigint]>([
    ['Abs', 8, (v) => (v < 0n ? -v : v)],
    ['Sign', 8, (v) => BigInt(v > 0n) - BigInt(v < 0n)],
    ['BitwiseNot', 8, (v) => ~v],
    ['Neg', 4, (v) => -v],
    ['Relu', 4, (v) => (v < 0n ? 0n : v)],
  ])('%s is exact and wraps', (name, types, f) => {
    const cases = fc.constantFrom(...INTEGERS.slice(0, types)).chain((dtype) => tensorOf(dtype, [6]));
    fc.assert(
      fc.property(cases, (x) => {
        expectEqual(
          run(name, x),
          build(x.dtype, [6], ([i = 0]) => wrapTo(x.dtype, f(BigInt(x.data[i] ?? 0)))),
        );
      }),
      sample,
    );
  });
});

describe('predicates', () => {
  const x = tensorFrom('float32', [SPECIAL_FLOATS.length], SPECIAL_FLOATS);
  it.each<[string, AttributeInputs, (v: number) => boolean]>([
    ['IsNaN', {}, Number.isNaN],
    ['IsInf', {}, (v) => Math.abs(v) === Infinity],
    ['IsInf', { detect_negative: 0 }, (v) => v === Infinity],
    ['IsInf', { detect_positive: 0 }, (v) => v === -Infinity],
    ['IsInf', { detect_negative: 0, detect_positive: 0 }, () => false],
  ])('%s %o', (name, attrs, f) => {
    expect(run(name, x, attrs)).toEqual(build('bool', x.dims, ([i = 0]) => +f(Number(x.data[i]))));
  });

  it('Not', () => {
    expect(run('Not', tensorFrom('bool', [2, 1], [0, 1])).toNumbers()).toEqual([1, 0]);
  });
});

describe('sizes', () => {
  it('of zero and of no axes', () => {
    expect(run('Relu', tensorFrom('float32', [2, 0], [])).dims).toEqual([2, 0]);
    expect(run('Exp', tensorFrom('float32', [], [0])).toNumbers()).toEqual([1]);
  });
});
