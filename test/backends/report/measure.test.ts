import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { measure, type MeasureOptions } from '../../../src/backends/report/measure.js';
import { realise } from '../../../src/backends/tinpu/report/realise.js';
import type { SampleSource } from '../../../src/passes/calibration/samples.js';

const FLOAT = parseGraph(
  `graph "g"
  input %x: float32[N,2]
  const %one: float32[] = [1]
  %y = Mul(%x, %one)
  output "y" = %y`,
  OPERATORS,
);
/** Integers of half a unit, -8 … 7. */
const integersOf = (tail: string): string => `graph "g"
  input %x: float32[N,2]
  const %bias: float32[] = [0.25]
  const %two: float32[] = [2]
  const %none: int32[] = [0]
  ${tail}`;
const QUANTISED = parseGraph(
  integersOf(`%y: int8[N,2]<0.5 s4> = q.InputNorm(%x, %bias, %two, %none) {lo = -8, hi = 7}
  output "y" = %y`),
  TINPU_OPERATORS,
);
const REAL = parseGraph(
  integersOf(`%q: int8[N,2]<0.5 s4> = q.InputNorm(%x, %bias, %two, %none) {lo = -8, hi = 7}
  %y = q.Dequantize(%q) {scale = 0.5}
  output "y" = %y`),
  TINPU_OPERATORS,
);

const samples = (...batches: readonly (readonly number[])[]): SampleSource => ({
  count: undefined,
  description: 'given',
  fixedBatch: undefined,
  async *batches() {
    await Promise.resolve();
    for (const batch of batches) yield new Map([['x', Tensor.float32([batch.length / 2, 2], batch)]]);
  },
});
const OPTIONS: MeasureOptions = {
  realise,
  kernels: TINPU_KERNELS,
  batchSize: 2,
  limit: Infinity,
  check: () => undefined,
  checked: 0,
};

describe('measure', () => {
  // 1 → 2 · 0.5 exactly, 0.75 → 1 (2 · 0.5), 4 → 7 · 0.5, -5 → -8 · 0.5, 2, -2 exactly.
  const DATA = [1, 0.75, 4, -5, 2, -2];
  const signal = 1 + 0.5625 + 16 + 25 + 4 + 4;
  const noise = 0.0625 + 0.25 + 1;

  it.each([
    ['integers', QUANTISED],
    ['real numbers', REAL],
  ])('weighs the difference of %s against the float result', async (_, graph) => {
    const { accuracy, tensors } = await measure(FLOAT, graph, samples(DATA), OPTIONS);
    expect(accuracy.samples).toBe(3);
    expect(accuracy.sqnrDb).toBeCloseTo(10 * Math.log10(signal / noise), 10);
    expect(accuracy.maxAbsDiff).toBe(1);
    const { sqnrDb, saturatedFraction } = tensors.get('y') ?? { sqnrDb: NaN, saturatedFraction: NaN };
    expect(sqnrDb).toBeCloseTo(10 * Math.log10(signal / noise), 10);
    // 4 and -5 lie beyond (7 + 1/2) / 2 and (-8 - 1/2) / 2.
    expect(saturatedFraction).toBe(2 / 6);
  });

  it('counts samples whose largest result is the same, the first of equals', async () => {
    // The integers of 1 and 0.75 are equal, so the first wins in both; 0.75 beside 1 loses its lead.
    const { accuracy } = await measure(FLOAT, QUANTISED, samples([1, 0.75, 0.75, 1], [4, -5, 2, -2]), OPTIONS);
    expect(accuracy.top1Agreement).toBe(3 / 4);
  });

  it('has no decibels where nothing differs', async () => {
    const { accuracy } = await measure(FLOAT, QUANTISED, samples([1, 2]), OPTIONS);
    expect(accuracy).toEqual({ samples: 1, sqnrDb: null, maxAbsDiff: 0, top1Agreement: 1 });
  });

  it('ranks nothing without samples', async () => {
    const { accuracy, tensors } = await measure(FLOAT, QUANTISED, samples(), OPTIONS);
    expect(accuracy.top1Agreement).toBeNull();
    expect(tensors.size).toBe(0);
  });

  it('stops with the batch that reaches the limit', async () => {
    const { accuracy } = await measure(FLOAT, QUANTISED, samples([1, 2, 3, 4], [1, 2], [3, 4]), {
      ...OPTIONS,
      limit: 3,
    });
    expect(accuracy.samples).toBe(3);
  });

  it('hands every tensor of the first batches on to be checked, as copies', async () => {
    const seen: (readonly number[])[] = [];
    const check: MeasureOptions['check'] = (_, tensors) => seen.push(tensors.get('y')?.toNumbers() ?? []);
    await measure(FLOAT, QUANTISED, samples([1, 2], [3, -1], [0, 0]), { ...OPTIONS, check, checked: 2 });
    expect(seen).toEqual([
      [2, 4],
      [6, -2],
    ]);
  });
});
