import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bfloat16FromBits, bfloat16ToBits, float16FromBits, float16ToBits } from '../../../src/ir/onnx/float16.js';

const everyPattern = Array.from({ length: 0x10000 }, (_, bits) => bits);

describe.each([
  ['float16', float16FromBits, float16ToBits, 0x7c00],
  ['bfloat16', bfloat16FromBits, bfloat16ToBits, 0x7f80],
] as const)('%s', (_, fromBits, toBits, infinity) => {
  it('reads back every bit pattern that is a number', () => {
    const broken = everyPattern.filter((bits) => !Number.isNaN(fromBits(bits)) && toBits(fromBits(bits)) !== bits);
    expect(broken).toEqual([]);
  });

  it('has values in the order of the patterns', () => {
    expect(everyPattern.slice(1, infinity + 1).filter((bits) => fromBits(bits) <= fromBits(bits - 1))).toEqual([]);
    expect(fromBits(infinity)).toBe(Infinity);
    expect(fromBits(infinity | 0x8000)).toBe(-Infinity);
    expect(fromBits(infinity + 1)).toBeNaN();
  });

  it('rounds to the nearest pattern, ties to the even one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: infinity - 2 }), fc.double({ min: 0, max: 1, noNaN: true }), (bits, t) => {
        const [lower, upper] = [fromBits(bits), fromBits(bits + 1)];
        const value = lower + (upper - lower) * t;
        const expected = t === 0.5 ? bits + (bits & 1) : t < 0.5 ? bits : bits + 1;
        // bfloat16 rounds from float32, so that values beside a tie are ties by then.
        if (Math.fround(value) === value || Math.abs(t - 0.5) > 2 ** -10) expect(toBits(value)).toBe(expected);
      }),
      {
        seed: 3,
        examples: [
          [0, 0.5],
          [1, 0.5],
          [0x3ff, 0.5],
          [0x400, 0.5],
          [infinity - 2, 0.75],
        ],
      },
    );
  });
});

it('knows the values of some patterns', () => {
  expect(float16FromBits(0x3c00)).toBe(1);
  expect(float16FromBits(0x0001)).toBe(2 ** -24);
  expect(float16FromBits(0x7bff)).toBe(65504);
  expect(float16ToBits(65519)).toBe(0x7bff);
  expect(float16ToBits(65520)).toBe(0x7c00);
  expect(float16ToBits(-0)).toBe(0x8000);
  expect(bfloat16FromBits(0x3f80)).toBe(1);
  expect(bfloat16ToBits(1.00390625)).toBe(0x3f80);
  expect(float16ToBits(NaN)).toBe(0x7e00);
  expect(bfloat16ToBits(NaN)).toBe(0x7fc0);
});
