import { describe, expect, it } from 'vitest';
import { DTYPES, integerRange, isInteger, bitsOf, type DType, type TypedArray } from '../../../src/ir/dtype.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { convertElements, ElementFault } from '../../../src/passes/calibration/convert.js';

const of = (dtype: DType, data: TypedArray): Tensor => new Tensor(dtype, [data.length], data);
const floats = (...values: number[]): Tensor => of('float32', Float32Array.from(values));

describe('convertElements', () => {
  it.each(DTYPES)('takes 0 and 1 of every type to %s and back', (dtype) => {
    for (const source of DTYPES) {
      const there = convertElements(convertElements(floats(0, 1), source), dtype);
      expect(there.dtype).toBe(dtype);
      expect(there.toNumbers()).toEqual([0, 1]);
    }
  });

  it('shares elements where nothing changes', () => {
    const tensor = floats(1, 2.5);
    expect(convertElements(tensor, 'float32').data).toBe(tensor.data);
    const bytes = of('uint8', Uint8Array.of(3));
    expect(convertElements(bytes, 'uint8').data).toBe(bytes.data);
  });

  it('takes the value of an integer, not its bits', () => {
    expect(convertElements(of('uint8', Uint8Array.of(0, 255)), 'float32').toNumbers()).toEqual([0, 255]);
    expect(convertElements(of('int64', BigInt64Array.of(-7n, 2n ** 40n)), 'float32').toNumbers()).toEqual([
      -7,
      2 ** 40,
    ]);
    expect(convertElements(of('bool', Uint8Array.of(1)), 'float64').toNumbers()).toEqual([1]);
  });

  it('rounds floats to the nearest value of the type, ties to even', () => {
    const doubles = of('float64', Float64Array.of(0.1, 1 + 2 ** -24, 1 + 3 * 2 ** -24));
    expect(convertElements(doubles, 'float32').toNumbers()).toEqual([Math.fround(0.1), 1, 1 + 2 ** -22]);
    expect(convertElements(floats(1 + 2 ** -11, 0.1), 'float16').toNumbers()).toEqual([1, 0.0999755859375]);
    expect(convertElements(floats(1 + 2 ** -8), 'bfloat16').toNumbers()).toEqual([1]);
  });

  it.each(DTYPES.filter((dtype) => isInteger(dtype) && bitsOf(dtype) < 64))('bounds %s', (dtype) => {
    const { lo, hi } = integerRange(dtype);
    const doubles = (...values: number[]): Tensor => of('float64', Float64Array.from(values));
    expect(convertElements(doubles(lo, hi), dtype).toNumbers()).toEqual([lo, hi]);
    expect(() => convertElements(doubles(0, hi + 1), dtype)).toThrow(ElementFault);
    expect(() => convertElements(doubles(0, lo - 1), dtype)).toThrow(ElementFault);
  });

  it('bounds 64-bit integers and booleans', () => {
    const big = of('uint64', BigUint64Array.of(2n ** 63n));
    expect(() => convertElements(big, 'int64')).toThrow(
      'is 9223372036854775808, but the type int64 takes the integers',
    );
    expect(convertElements(big, 'uint64').data[0]).toBe(2n ** 63n);
    expect(() => convertElements(floats(-1), 'uint64')).toThrow(ElementFault);
    expect(() => convertElements(floats(2), 'bool')).toThrow('is 2, but the type bool takes the integers 0 … 1 only');
  });

  it.each<[string, Tensor, DType, number, string]>([
    ['NaN', floats(1, 2, NaN), 'float32', 2, 'is NaN, but only finite values are accepted'],
    ['an infinity', floats(1, -Infinity, NaN), 'float16', 1, 'is -Infinity, but only finite values are accepted'],
    ['NaN', of('float64', Float64Array.of(0, NaN)), 'float64', 1, 'is NaN, but only finite values are accepted'],
    ['NaN', floats(0, NaN), 'int32', 1, 'is NaN, but the type int32 takes the integers'],
    [
      'too large a double',
      of('float64', Float64Array.of(0, 1e300)),
      'float32',
      1,
      'is 1e+300, but float32 ends before',
    ],
    ['too large a float', floats(70000), 'float16', 0, 'is 70000, but float16 ends before that'],
    ['a fraction', floats(1, 0.5), 'int64', 1, 'is 0.5, but the type int64 takes the integers'],
  ])('names %s', (_, tensor, dtype, index, message) => {
    let thrown: unknown;
    try {
      convertElements(tensor, dtype);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ElementFault);
    expect(thrown).toMatchObject({ index, message: expect.stringContaining(message) as string });
  });
});
