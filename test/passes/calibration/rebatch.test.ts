import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../src/ir/tensor.js';
import { firstBatches, rebatch, rowsOf } from '../../../src/passes/calibration/rebatch.js';
import type { SampleBatch, SampleSource } from '../../../src/passes/calibration/samples.js';
import { collect, counting, dimsOf, elementsOf } from '../../support/samples.js';

const batchOf = (x: Tensor, ...others: [string, Tensor][]): SampleBatch => new Map([['x', x], ...others]);

describe('rebatch', () => {
  it('keeps every row in order and fills every batch but the last', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 7 }),
        async (sizes, size) => {
          const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, rows) => sum + rows, 0));
          const total = sizes.reduce((sum, rows) => sum + rows, 0);
          const input = sizes.map((rows, i) =>
            batchOf(counting([rows, 2], 2 * starts[i]!), ['y', counting([rows], starts[i])]),
          );
          const batches = await collect(rebatch(input, size));
          expect(elementsOf(batches, 'x')).toEqual(Array.from({ length: 2 * total }, (_, i) => i));
          expect(elementsOf(batches, 'y')).toEqual(Array.from({ length: total }, (_, i) => i));
          expect(batches.slice(0, -1).every((batch) => rowsOf(batch) === size)).toBe(true);
          expect(batches.length).toBe(Math.ceil(total / size));
        },
      ),
      { seed: 11, numRuns: 300 },
    );
  });

  it('passes on what has the size already', async () => {
    const input = [batchOf(counting([4, 3])), batchOf(counting([4, 3]))];
    expect(await collect(rebatch(input, 4))).toStrictEqual(input);
    const [first] = await collect(rebatch(input, 4));
    expect(first).toBe(input[0]);
  });

  it('ends a batch where the rows change their size', async () => {
    const input = [batchOf(counting([2, 5])), batchOf(counting([3, 6])), batchOf(counting([3, 6]))];
    expect(dimsOf(await collect(rebatch(input, 4)), 'x')).toEqual([
      [2, 5],
      [4, 6],
      [2, 6],
    ]);
  });

  it('ends a batch where the value of an input without axes changes', async () => {
    const rate = (value: number): [string, Tensor] => ['rate', counting([], value)];
    const input = [8, 8, 16].map((value) => batchOf(counting([1, 2]), rate(value)));
    const batches = await collect(rebatch(input, 4));
    expect(dimsOf(batches, 'x')).toEqual([
      [2, 2],
      [1, 2],
    ]);
    expect(elementsOf(batches, 'rate')).toEqual([8, 16]);
  });

  it('joins 64-bit integers', async () => {
    const input = [1n, 2n].map((value) => batchOf(new Tensor('int64', [1], BigInt64Array.of(value))));
    expect((await collect(rebatch(input, 2)))[0]?.get('x')?.data).toEqual(BigInt64Array.of(1n, 2n));
  });
});

describe('firstBatches', () => {
  /** Samples 0, 1, …, which are started afresh each time; `fixed` is a batch size whatever is asked for. */
  const source = (count: number, fixed?: number): SampleSource & { asked: number } => ({
    asked: 0,
    count,
    description: 'counting',
    fixedBatch: fixed,
    async *batches(size) {
      const step = fixed ?? size;
      for (let start = 0; start < count; start += step) {
        await Promise.resolve();
        this.asked++;
        yield batchOf(counting([Math.min(step, count - start), 1], start));
      }
    },
  });

  it.each([
    ['whole batches up to the limit', 100, 4, 8, [4, 4]],
    ['a batch more than whole ones', 100, 4, 9, [4, 4, 4]],
    ['no batch larger than the limit', 100, 16, 5, [5]],
    ['all there are when those are fewer', 6, 4, 50, [4, 2]],
    ['nothing of nothing', 0, 4, 8, []],
  ])('takes %s', async (_, count, batchSize, limit, sizes) => {
    const batches = await firstBatches(source(count), batchSize, limit);
    expect(batches.map(rowsOf)).toEqual(sizes);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(elementsOf(batches, 'x')).toEqual(Array.from({ length: total }, (_unused, i) => i));
  });

  it('takes batches of a fixed size as they come, and asks for no more of them than needed', async () => {
    const samples = source(100, 3);
    expect((await firstBatches(samples, 16, 7)).map(rowsOf)).toEqual([3, 3, 3]);
    expect(samples.asked).toBe(3);
  });
});
