import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerRange, type DType } from '../../../src/ir/dtype.js';
import { codeOfDType } from '../../../src/ir/onnx/data-type.js';
import { dequantizeLinear, dynamicQuantizeLinear, quantizeLinear } from '../../../src/ir/ops/quantize-linear.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { shortFloatRounding } from '../../../src/runtime/float/store.js';
import { compute } from '../../support/compute.js';
import { build, dimsOf, elementAt, expectEqual } from '../../support/naive-tensor.js';
import { elementOf, tensorFrom, tensorOf } from '../../support/random-tensors.js';
import type { AttributeInputs } from '../../support/run-operator.js';

const sample = { numRuns: 400, seed: 120 };
const f32 = Math.fround;
const QUANTISED: readonly DType[] = ['uint8', 'int8', 'uint16', 'int16', 'uint4', 'int4', 'uint2', 'int2'];

const quantise = (inputs: readonly (Tensor | undefined)[], attrs: AttributeInputs = {}): Tensor | undefined =>
  compute(quantizeLinear, ELEMENTWISE_KERNELS, inputs, attrs)[0];
const dequantise = (inputs: readonly (Tensor | undefined)[], attrs: AttributeInputs = {}): Tensor | undefined =>
  compute(dequantizeLinear, ELEMENTWISE_KERNELS, inputs, attrs)[0];

function halfToEven(v: number): number {
  const floor = Math.floor(v);
  const rest = v - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** How scales are laid out for a tensor: their dims and, for coordinates of the tensor, those of the scale. */
interface Layout {
  readonly attrs: AttributeInputs;
  readonly scaleDims: readonly number[];
  readonly locate: (at: readonly number[]) => readonly number[];
}

const layouts = (dims: readonly number[]): fc.Arbitrary<Layout> => {
  const perTensor = fc.constantFrom<Layout>(
    { attrs: {}, scaleDims: [], locate: () => [] },
    { attrs: {}, scaleDims: [1], locate: () => [0] },
  );
  if (dims.length === 0) return perTensor;
  const axis = fc.integer({ min: -dims.length, max: dims.length - 1 });
  const normal = (a: number): number => (a < 0 ? a + dims.length : a);
  const perAxis = axis.map((a): Layout => ({
    attrs: { axis: a },
    scaleDims: [dims[normal(a)] ?? 0],
    locate: (at) => [at[normal(a)] ?? 0],
  }));
  const blocked = fc.tuple(axis, fc.integer({ min: 1, max: 6 })).map(([a, block]): Layout => ({
    attrs: { axis: a, block_size: block },
    scaleDims: dims.with(normal(a), Math.ceil((dims[normal(a)] ?? 0) / block)),
    locate: (at) => at.with(normal(a), Math.floor((at[normal(a)] ?? 0) / block)),
  }));
  return fc.oneof(perTensor, perAxis, blocked);
};

const powersOfTwo = fc.integer({ min: -6, max: 6 }).map((n) => 2 ** n);
const scaleElement = fc.oneof(powersOfTwo, fc.double({ min: 0.01, max: 50, noNaN: true }).map(f32));

const draws = (xType: (quantised: DType) => DType): fc.Arbitrary<[Tensor, Tensor, Tensor | undefined, Layout, DType]> =>
  fc.tuple(dimsOf(), fc.constantFrom(...QUANTISED)).chain(([dims, quantised]) =>
    layouts(dims).chain((layout) =>
      fc.tuple(
        xType(quantised) === 'float32'
          ? // Multiples of 1/4 make quotients by powers of two that are ties.
            tensorOf(
              'float32',
              dims,
              fc.oneof(
                fc.integer({ min: -2000, max: 2000 }).map((v) => v / 4),
                elementOf('float32').filter((v) => !Number.isNaN(v)),
              ),
            )
          : tensorOf(quantised, dims),
        tensorOf('float32', layout.scaleDims, scaleElement),
        fc.option(tensorOf(quantised, layout.scaleDims), { nil: undefined }),
        fc.constant(layout),
        fc.constant(quantised),
      ),
    ),
  );

describe('QuantizeLinear', () => {
  it('divides in float32, rounds halves to even and saturates, for any granularity', () => {
    fc.assert(
      fc.property(
        draws(() => 'float32'),
        ([x, scale, zeroPoint, { attrs, locate }, dtype]) => {
          const { lo, hi } = integerRange(dtype);
          const wanted = build(dtype, x.dims, (at) => {
            const zero = zeroPoint === undefined ? 0 : Number(elementAt(zeroPoint, locate(at)));
            const v = halfToEven(f32(Number(elementAt(x, at)) / Number(elementAt(scale, locate(at))))) + zero;
            return Math.min(Math.max(v, lo), hi);
          });
          const declared = zeroPoint === undefined ? { output_dtype: codeOfDType(dtype) } : {};
          expectEqual(quantise([x, scale, zeroPoint], { ...attrs, ...declared }), wanted);
        },
      ),
      sample,
    );
  });

  it.each([
    ['uint8', [0, 0, 255, 3, 5, 5, 1]],
    ['int8', [-128, -128, 127, 3, 5, 5, 1]],
  ] as const)('of special values to %s as in ONNX Runtime', (dtype, wanted) => {
    const x = tensorFrom('float32', [7], [NaN, -Infinity, Infinity, -0, 1.5, 2.5, -1.5]);
    const result = quantise([x, tensorFrom('float32', [], [1]), tensorFrom(dtype, [], [3])]);
    expect(result?.toNumbers()).toEqual(wanted);
  });

  it('rounds the quotient to float32 before it rounds to an integer', () => {
    // In float64 the quotient is just below a half.
    const [x, scale] = [f32(0.5 - 2 ** -25), 1 + 2 ** -23];
    const quotient = f32(x / scale);
    expect(quantise([tensorFrom('float32', [], [x]), tensorFrom('float32', [], [scale])])?.data[0]).toBe(
      halfToEven(quotient),
    );
    const tie = f32(2.5 * f32(0.1));
    expect(quantise([tensorFrom('float32', [], [tie]), tensorFrom('float32', [], [0.1])])?.data[0]).toBe(
      halfToEven(f32(tie / f32(0.1))),
    );
  });

  it('takes the precision of the scale, or the one asked for', () => {
    // 1000 / 399 = 2.5063 is 2.506 in float16 and 2.5 in bfloat16, a tie.
    const x = tensorFrom('float32', [], [1000]);
    const scale = tensorFrom('float32', [], [399]);
    expect(quantise([x, scale])?.data[0]).toBe(3);
    expect(quantise([x, scale], { precision: codeOfDType('bfloat16') })?.data[0]).toBe(2);
    expect(quantise([x, scale], { precision: codeOfDType('float16') })?.data[0]).toBe(3);
    expect(quantise([x, tensorFrom('bfloat16', [], [400])])?.data[0]).toBe(2);
  });

  it('takes int32 and 16-bit floats', () => {
    const scale = tensorFrom('float32', [], [3]);
    expect(
      quantise([tensorFrom('int32', [3], [-100, 100, 1e9]), scale, tensorFrom('int8', [], [0])])?.toNumbers(),
    ).toEqual([-33, 33, 127]);
    expect(quantise([tensorFrom('float16', [1], [7.5]), scale])?.toNumbers()).toEqual([2]);
  });
});

describe('DequantizeLinear', () => {
  it('multiplies the difference in float32, for any granularity', () => {
    fc.assert(
      fc.property(
        draws((quantised) => quantised),
        fc.constantFrom<DType>('float32', 'float16', 'bfloat16'),
        ([x, scale, zeroPoint, { attrs, locate }], dtype) => {
          const round = shortFloatRounding(dtype) ?? f32;
          const wanted = build(dtype, x.dims, (at) => {
            const zero = zeroPoint === undefined ? 0 : Number(elementAt(zeroPoint, locate(at)));
            return round(f32((Number(elementAt(x, at)) - zero) * Number(elementAt(scale, locate(at)))));
          });
          expectEqual(dequantise([x, scale, zeroPoint], { ...attrs, output_dtype: codeOfDType(dtype) }), wanted);
        },
      ),
      sample,
    );
  });

  it('of int32 rounds to float32 before it multiplies', () => {
    const x = tensorFrom('int32', [1], [2 ** 24 + 1]);
    expect(dequantise([x, tensorFrom('float32', [], [3])])?.toNumbers()).toEqual([2 ** 24 * 3]);
  });

  it('undoes QuantizeLinear on its own values', () => {
    const everything = Array.from({ length: 256 }, (_, i) => i);
    const x = new Tensor('uint8', [256], Uint8Array.from(everything));
    const [scale, zero] = [tensorFrom('float32', [], [0.0173]), tensorFrom('uint8', [], [113])];
    const real = dequantise([x, scale, zero]);
    expect(quantise([real, scale, zero])?.toNumbers()).toEqual(everything);
  });
});

describe('DynamicQuantizeLinear', () => {
  const dynamic = (values: readonly number[]): (readonly number[])[] =>
    compute(dynamicQuantizeLinear, ELEMENTWISE_KERNELS, [tensorFrom('float32', [values.length], values)], {}, 3).map(
      (tensor) => tensor.toNumbers(),
    );

  it('spreads the range of the data, with zero in it, over uint8', () => {
    expect(dynamic([0, 2, -3, -2.5, 1.34, 0.5])).toEqual([[153, 255, 0, 26, 221, 179], [f32(5 / 255)], [153]]);
    // 2/255 rounds up in float32, so 1 is a little less than 127.5 of it.
    expect(dynamic([1, 2])).toEqual([[127, 255], [f32(2 / 255)], [0]]);
    expect(dynamic([-1, -2])).toEqual([[128, 0], [f32(2 / 255)], [255]]);
  });

  it('gives scale 1 to zeros and to nothing', () => {
    expect(dynamic([0, 0])).toEqual([[0, 0], [1], [0]]);
    expect(dynamic([])).toEqual([[], [1], [0]]);
  });
});
