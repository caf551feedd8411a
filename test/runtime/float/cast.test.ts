import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitsOf, DTYPES, isFloat, type DType } from '../../../src/ir/dtype.js';
import { codeOfDType } from '../../../src/ir/onnx/data-type.js';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { cast, castLike } from '../../../src/ir/ops/cast.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { prepare } from '../../../src/runtime/executor.js';
import { ELEMENTWISE_KERNELS } from '../../../src/runtime/float/elementwise.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';
import { compute } from '../../support/compute.js';
import { anyDType, build, expectEqual } from '../../support/naive-tensor.js';
import { runInOrt } from '../../support/ort-session.js';
import { elementOf, SPECIAL_FLOATS, tensorFrom, tensorOf, wrapTo } from '../../support/random-tensors.js';

const to = (x: Tensor, dtype: DType): Tensor => {
  const [result] = compute(cast, ELEMENTWISE_KERNELS, [x], { to: codeOfDType(dtype) });
  if (result === undefined) throw new Error('no result');
  return result;
};
const sample = { numRuns: 500, seed: 100 };
const INTEGERS = DTYPES.filter((dtype) => !isFloat(dtype) && dtype !== 'bool');
const anyInteger = fc.constantFrom(...INTEGERS);

/** Significand bits, least exponent of a normal number and largest value of the binary formats. */
const FORMATS = {
  float16: { bits: 11, least: -14, largest: 65504 },
  bfloat16: { bits: 8, least: -126, largest: 3.3895313892515355e38 },
  float32: { bits: 24, least: -126, largest: 3.4028234663852886e38 },
} as const;

/** The value nearest to num / den in a format, ties to even, in exact integer arithmetic. */
function nearest(value: bigint, { bits, largest }: { bits: number; largest: number }): number {
  const magnitude = value < 0n ? -value : value;
  const shift = Math.max(0, magnitude.toString(2).length - bits);
  const unit = 1n << BigInt(shift);
  const floor = magnitude / unit;
  const rest = magnitude % unit;
  const up = rest * 2n > unit || (rest * 2n === unit && floor % 2n === 1n);
  const rounded = Number((up ? floor + 1n : floor) * unit);
  const finite = rounded > largest ? Infinity : rounded;
  return value < 0n ? -finite : finite;
}

describe('Cast between integers', () => {
  it('keeps the low bits', () => {
    fc.assert(
      fc.property(
        anyInteger.chain((from) => tensorOf(from, [5])),
        anyInteger,
        (x, dtype) => {
          expectEqual(
            to(x, dtype),
            build(dtype, [5], ([i = 0]) => wrapTo(dtype, BigInt(x.data[i] ?? 0))),
          );
        },
      ),
      sample,
    );
  });

  it('200 as int8 is -56', () => {
    expect(to(tensorFrom('int16', [1], [200]), 'int8').toNumbers()).toEqual([-56]);
  });
});

describe('Cast of integers to floats', () => {
  it.each(['float16', 'bfloat16', 'float32'] as const)('rounds to the nearest %s once', (dtype) => {
    const format = FORMATS[dtype];
    // Values near a tie of the target, where rounding to float64 first would decide wrongly.
    const bits = BigInt(format.bits);
    const nearTie = fc
      .tuple(
        fc.bigInt({ min: 1n << bits, max: (2n << bits) - 1n }),
        fc.nat({ max: 61 - format.bits }),
        fc.integer({ min: -1, max: 1 }),
      )
      .map(([half, shift, off]) => ((half | 1n) << BigInt(shift)) + BigInt(off));
    const wide = fc.oneof(nearTie, elementOf('int64') as fc.Arbitrary<bigint>);
    fc.assert(
      fc.property(tensorOf('int64', [4], wide), (x) => {
        expectEqual(
          to(x, dtype),
          build(dtype, [4], ([i = 0]) => nearest(BigInt(x.data[i] ?? 0), format)),
        );
      }),
      sample,
    );
    fc.assert(
      fc.property(
        fc.constantFrom<DType>('int32', 'uint32', 'uint64', 'int8', 'uint4').chain((from) => tensorOf(from, [4])),
        (x) => {
          expectEqual(
            to(x, dtype),
            build(dtype, [4], ([i = 0]) => nearest(BigInt(x.data[i] ?? 0), format)),
          );
        },
      ),
      sample,
    );
  });

  it('is exact in float64 up to 2^53', () => {
    const x = tensorFrom('int64', [2], [2n ** 53n - 1n, -(2n ** 53n)]);
    expect(to(x, 'float64').toNumbers()).toEqual([2 ** 53 - 1, -(2 ** 53)]);
  });
});

describe('Cast of floats to integers', () => {
  it('cuts the fraction off what fits', () => {
    fc.assert(
      fc.property(
        anyInteger.chain((dtype) =>
          fc.tuple(
            fc.constant(dtype),
            tensorOf(
              'float64',
              [4],
              elementOf(dtype).chain((v) =>
                fc.double({ min: 0, max: 0.99, noNaN: true }).map((f) => Number(v) + (v < 0 ? -f : f)),
              ),
            ),
          ),
        ),
        ([dtype, x]) => {
          fc.pre(bitsOf(dtype) < 64 || x.toNumbers().every((v) => Math.abs(v) < 2 ** 62));
          expectEqual(
            to(x, dtype),
            build(dtype, [4], ([i = 0]) => wrapTo(dtype, BigInt(Math.trunc(Number(x.data[i]))))),
          );
        },
      ),
      sample,
    );
  });

  it('keeps the low bits of what 32 bits hold and saturates beyond', () => {
    const x = tensorFrom('float32', [8], [300, -300, 3e9, -3e9, 1e30, -1e30, Infinity, NaN]);
    expect(to(x, 'int8').toNumbers()).toEqual([44, -44, -1, 0, -1, 0, -1, 0]);
    expect(to(x, 'uint8').toNumbers()).toEqual([44, 212, 255, 0, 255, 0, 255, 0]);
    expect(to(x, 'int4').toNumbers()).toEqual([-4, 4, -1, 0, -1, 0, -1, 0]);
    const [lo, hi] = [-(2 ** 31), 2 ** 31 - 1];
    expect(to(x, 'int32').toNumbers()).toEqual([300, -300, hi, lo, hi, lo, hi, 0]);
    expect(to(x, 'uint32').toNumbers().slice(0, 3)).toEqual([300, 2 ** 32 - 300, 3e9]);
    expect(to(x, 'int64').data).toEqual(
      BigInt64Array.of(300n, -300n, 3_000_000_000n, -3_000_000_000n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n - 1n, 0n),
    );
    expect(to(x, 'uint64').data.slice(4)).toEqual(BigUint64Array.of(2n ** 64n - 1n, 2n ** 63n, 2n ** 64n - 1n, 0n));
  });
});

describe('Cast between floats', () => {
  it.each(['float16', 'bfloat16'] as const)('%s rounds to the nearest of its neighbours, ties to even', (dtype) => {
    const { bits, least, largest } = FORMATS[dtype];
    fc.assert(
      fc.property(tensorOf('float32', [4]), (x) => {
        const wanted = build(dtype, [4], ([i = 0]) => {
          const v = Number(x.data[i]);
          if (!Number.isFinite(v) || v === 0) return v;
          const exponent = Math.max(Math.floor(Math.log2(Math.abs(v))), least);
          const unit = 2 ** (exponent - bits + 1);
          const floor = Math.floor(Math.abs(v) / unit);
          const rest = Math.abs(v) / unit - floor;
          const rounded = (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor) * unit;
          return Math.sign(v) * (rounded > largest ? Infinity : rounded);
        });
        const result = to(x, dtype);
        expect(result.toNumbers().map((v) => v + 0)).toEqual(wanted.toNumbers().map((v) => v + 0));
      }),
      sample,
    );
  });

  it('float64 to float16 rounds once', () => {
    // 1 + 2^-11 + 2^-40 is above a tie of float16, and on it after rounding to float32.
    expect(to(tensorFrom('float64', [1], [1 + 2 ** -11 + 2 ** -40]), 'float16').toNumbers()).toEqual([1 + 2 ** -10]);
  });

  it('keeps NaN, infinities and the sign of zero', () => {
    const x = tensorFrom('float64', [5], [NaN, Infinity, -Infinity, -0, 0]);
    for (const dtype of ['float32', 'float16', 'bfloat16'] as const) {
      expect(to(x, dtype).toNumbers()).toEqual([NaN, Infinity, -Infinity, -0, 0]);
    }
  });

  it('every value of a narrow type survives in a wider one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<DType>('float16', 'bfloat16').chain((dtype) => tensorOf(dtype, [5])),
        (x) => {
          expectEqual(to(to(x, 'float32'), x.dtype), x);
        },
      ),
      sample,
    );
  });
});

describe('Cast and truth', () => {
  it('anything but zero is true', () => {
    const x = tensorFrom('float32', [SPECIAL_FLOATS.length], SPECIAL_FLOATS);
    expect(to(x, 'bool').toNumbers()).toEqual(SPECIAL_FLOATS.map((v) => +(v !== 0)));
    expect(to(tensorFrom('int64', [3], [0n, 2n ** 40n, -1n]), 'bool').toNumbers()).toEqual([0, 1, 1]);
  });

  it('true is 1', () => {
    // int2 ends at 1 below that, and powers of two have no 0.
    for (const dtype of DTYPES.filter((type) => type !== 'int2' && type !== 'float8e8m0')) {
      expect(to(tensorFrom('bool', [2], [0, 1]), dtype).toNumbers()).toEqual([0, 1]);
    }
  });
});

describe('Cast to the same type', () => {
  it('shares its elements', () => {
    fc.assert(
      fc.property(
        anyDType.chain((dtype) => tensorOf(dtype, [3])),
        (x) => {
          expect(to(x, x.dtype).data).toBe(x.data);
        },
      ),
      { numRuns: 50, seed: 101 },
    );
  });
});

describe('CastLike', () => {
  it('converts as Cast does', () => {
    const [result] = compute(castLike, ELEMENTWISE_KERNELS, [
      tensorFrom('float32', [2], [1.5, -1.5]),
      Tensor.int64([]),
    ]);
    expect(result).toEqual(Tensor.int64([1, -1]));
  });
});

describe('Cast to floats of 8 bits and back', () => {
  /**
   * Where ONNX Runtime 1.30 contradicts the operator text without saturation: NaN where E5M2 rounds to infinity, the largest
   * number where E4M3FN, which has no infinity, is to give NaN.
   */
  const ORT_EXCEPTIONS = new Map<DType, readonly (readonly [from: number, to: number])[]>([
    ['float8e5m2', [[61440, 65536]]],
    ['float8e4m3fn', [[480, 512]]],
  ]);
  const rounds = ['up', 'down', 'nearest'] as const;
  const cases = [
    ...(['float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz'] as const).map(
      (dtype) => [dtype, 'up'] as const,
    ),
    ...rounds.map((round) => ['float8e8m0', round] as const),
  ].flatMap(([dtype, round]) => [1, 0].map((saturate) => [dtype, round, saturate] as const));

  it.each(cases)('%s, rounding %s, saturate %d, agrees with ONNX Runtime', async (dtype, round, saturate) => {
    const mode = dtype === 'float8e8m0' ? `, round_mode="${round}"` : '';
    const graph = parseGraph(
      `graph "g"
      input %x: float32[N]
      %y: ${dtype}[N] = Cast(%x) {saturate=${saturate}, to=${codeOfDType(dtype)}${mode}}
      %z: float32[N] = Cast(%y) {to=1}
      output "z" = %z`,
      OPERATORS,
    );
    const significands = Array.from({ length: 33 }, (_, i) => 1 + i / 32);
    const magnitudes = Array.from({ length: 60 }, (_, i) => significands.map((m) => m * 2 ** (i - 30))).flat();
    const known = saturate === 1 ? [] : (ORT_EXCEPTIONS.get(dtype) ?? []);
    const values = [0, NaN, Infinity, 2 ** -127, 2 ** -126, 3e38, ...magnitudes].filter(
      (value) => !known.some(([from, to]) => value >= from && value < to),
    );
    const x = Tensor.float32([values.length * 2], [...values, ...values.map((value) => -value)]);
    const feeds = new Map([['x', x]]);
    const expected = (await runInOrt(exportModel(graph, { opset: 25 }), feeds)).get('z');
    const actual = prepare(graph, FLOAT_KERNELS).run(feeds).get('z');
    expect(actual?.data).toEqual(expected?.data);
  });
});
