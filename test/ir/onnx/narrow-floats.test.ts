import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isNarrowFloat,
  narrowFromBits,
  narrowToBits,
  roundToNarrow,
  SATURATING,
  type NarrowFloat,
  type ScaleRounding,
} from '../../../src/ir/onnx/narrow-floats.js';

const NARROW: readonly NarrowFloat[] = [
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'float8e8m0',
  'float4e2m1',
];
const SIGNED = NARROW.filter((dtype) => dtype !== 'float8e8m0');

const patterns = (dtype: NarrowFloat): number[] =>
  Array.from({ length: dtype === 'float4e2m1' ? 16 : 256 }, (_, bits) => bits);
const finiteValues = (dtype: NarrowFloat): number[] =>
  patterns(dtype)
    .map((bits) => narrowFromBits(dtype, bits))
    .filter(Number.isFinite);
const largest = (dtype: NarrowFloat): number => Math.max(...finiteValues(dtype));

it('are known by name', () => {
  expect(NARROW.every(isNarrowFloat)).toBe(true);
  expect(['float16', 'int4', 'toString'].some(isNarrowFloat)).toBe(false);
});

describe('bit patterns', () => {
  // The values that the ONNX documents name for each type.
  it.each([
    ['float8e4m3fn', { 0x00: 0, 0x80: -0, 0x01: 2 ** -9, 0x08: 2 ** -6, 0x38: 1, 0x3c: 1.5, 0x7e: 448, 0xfe: -448 }],
    ['float8e4m3fnuz', { 0x00: 0, 0x01: 2 ** -10, 0x40: 1, 0x7f: 240, 0xff: -240 }],
    ['float8e5m2', { 0x00: 0, 0x80: -0, 0x01: 2 ** -16, 0x3c: 1, 0x7b: 57344, 0x7c: Infinity, 0xfc: -Infinity }],
    ['float8e5m2fnuz', { 0x00: 0, 0x01: 2 ** -17, 0x40: 1, 0x7f: 57344, 0xff: -57344 }],
    ['float8e8m0', { 0x00: 2 ** -127, 0x7f: 1, 0xfe: 2 ** 127 }],
    ['float4e2m1', { 0: 0, 1: 0.5, 2: 1, 3: 1.5, 4: 2, 5: 3, 6: 4, 7: 6, 8: -0, 15: -6 }],
  ] as const)('%s stand for what the documents say', (dtype, values) => {
    for (const [bits, value] of Object.entries(values)) expect(narrowFromBits(dtype, Number(bits))).toBe(value);
  });

  it.each([
    ['float8e4m3fn', [0x7f, 0xff]],
    ['float8e4m3fnuz', [0x80]],
    ['float8e5m2', [0x7d, 0x7e, 0x7f, 0xfd, 0xfe, 0xff]],
    ['float8e5m2fnuz', [0x80]],
    ['float8e8m0', [0xff]],
    ['float4e2m1', []],
  ] as const)('%s are NaN where the documents say', (dtype, bits) => {
    expect(patterns(dtype).filter((pattern) => Number.isNaN(narrowFromBits(dtype, pattern)))).toEqual(bits);
    if (bits.length > 0) expect(bits).toContain(narrowToBits(dtype, NaN));
  });

  it.each(NARROW)('%s are written as they were read', (dtype) => {
    for (const bits of patterns(dtype)) {
      const value = narrowFromBits(dtype, bits);
      if (!Number.isNaN(value)) expect(narrowToBits(dtype, value)).toBe(bits);
    }
  });
});

describe('rounding', () => {
  it.each(NARROW)('leaves the values of %s as they are', (dtype) => {
    for (const value of finiteValues(dtype)) expect(roundToNarrow(dtype, value, SATURATING)).toBe(value);
  });

  it.each(SIGNED)('takes the nearest value of %s, ties to the even pattern', (dtype) => {
    const values = finiteValues(dtype);
    const top = largest(dtype);
    const dyadic = fc
      .tuple(fc.integer({ min: -4096, max: 4096 }), fc.integer({ min: -30, max: 6 }))
      .map(([n, e]) => n * 2 ** e)
      .filter((x) => Math.abs(x) <= top);
    fc.assert(
      fc.property(dyadic, (x) => {
        const rounded = roundToNarrow(dtype, x, SATURATING);
        const distance = Math.min(...values.map((value) => Math.abs(value - x)));
        expect(Math.abs(rounded - x)).toBe(distance);
        const tied = values.filter((value) => Math.abs(value - x) === distance && value !== 0);
        if (tied.length > 1) expect(narrowToBits(dtype, rounded) % 2).toBe(0);
      }),
      { seed: 8, numRuns: 500 },
    );
  });

  it.each([
    // Half a step above 448 goes to the even pattern, 448 itself; above 240 and 57344 to what would come next.
    ['float8e4m3fn', 464, 464.25, NaN],
    ['float8e4m3fnuz', 247.75, 248, NaN],
    ['float8e5m2', 61439, 61440, Infinity],
    ['float8e5m2fnuz', 61439, 61440, NaN],
  ] as const)('ends %s where its last value does, with or without saturation', (dtype, within, beyond, over) => {
    const top = largest(dtype);
    const open = { saturate: false, round: 'up' } as const;
    expect(roundToNarrow(dtype, within, open)).toBe(top);
    expect(roundToNarrow(dtype, -within, open)).toBe(-top);
    for (const x of [beyond, 1e9, Infinity]) {
      expect(roundToNarrow(dtype, x, open)).toBe(over);
      expect(roundToNarrow(dtype, -x, open)).toBe(-over);
      expect(roundToNarrow(dtype, x, SATURATING)).toBe(top);
      expect(roundToNarrow(dtype, -x, SATURATING)).toBe(-top);
    }
    expect(roundToNarrow(dtype, NaN, SATURATING)).toBeNaN();
  });

  it('saturates floats of 4 bits whatever is asked for, and has no NaN', () => {
    for (const saturate of [true, false]) {
      expect([7, 1e9, Infinity, -7].map((x) => roundToNarrow('float4e2m1', x, { saturate, round: 'up' }))).toEqual([
        6, 6, 6, -6,
      ]);
      expect(roundToNarrow('float4e2m1', NaN, { saturate, round: 'up' })).toBe(-0);
    }
  });

  it('keeps the sign of zero in the types that have one', () => {
    const kept = SIGNED.filter((dtype) => Object.is(roundToNarrow(dtype, -1e-30, SATURATING), -0));
    expect(kept).toEqual(['float8e4m3fn', 'float8e5m2', 'float4e2m1']);
  });

  it.each([
    ['up', [1, 2, 2, 2, 2]],
    ['down', [1, 1, 1, 1, 2]],
    ['nearest', [1, 1, 2, 2, 2]],
  ] as const)('to powers of two goes %s', (round: ScaleRounding, expected) => {
    const rounded = [1, 1.25, 1.5, 1.75, 2].map((x) => roundToNarrow('float8e8m0', x, { saturate: true, round }));
    expect(rounded).toEqual(expected);
  });

  it('to powers of two has no zero and no sign', () => {
    const all = [0, -3, -Infinity, 2 ** -130, 3e38, Infinity];
    expect(all.map((x) => roundToNarrow('float8e8m0', x, SATURATING))).toEqual([
      ...Array.from({ length: 4 }, () => 2 ** -127),
      2 ** 127,
      2 ** 127,
    ]);
    expect(all.map((x) => roundToNarrow('float8e8m0', x, { saturate: false, round: 'up' }))).toEqual(
      all.map(() => NaN),
    );
  });
});
