import { describe, expect, it } from 'vitest';
import { typicalSamples } from '../../../src/backends/retarget/typical-samples.js';

const INPUTS = [
  { name: 'trained', type: { dtype: 'float32' as const, shape: ['N', 500] } },
  { name: 'other', type: { dtype: 'float32' as const, shape: ['N', 500] } },
];

const collect = async (): Promise<Map<string, number[]>> => {
  const ranges = new Map([['trained', { min: -1, max: 5 }]]);
  const found = new Map<string, number[]>([
    ['trained', []],
    ['other', []],
  ]);
  for await (const batch of typicalSamples(INPUTS, (name) => ranges.get(name), 20).batches(8)) {
    for (const [name, tensor] of batch) found.get(name)?.push(...tensor.toNumbers());
  }
  return found;
};

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

describe('typicalSamples', () => {
  it('fill the range that an input was trained on, three deviations to either side of its middle', async () => {
    const values = (await collect()).get('trained') ?? [];
    expect(values).toHaveLength(10_000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values)).toBeLessThanOrEqual(5);
    // 10 000 draws: the mean is within 5 / 100 deviations, the variance within 7 %.
    expect(Math.abs(mean(values) - 2)).toBeLessThan(0.05);
    expect(Math.abs(mean(values.map((x) => (x - 2) ** 2)) - 1)).toBeLessThan(0.07);
  });

  it('have variance 1 without a range, and are the same every time', async () => {
    const first = await collect();
    expect(Math.abs(mean((first.get('other') ?? []).map((x) => x ** 2)) - 1)).toBeLessThan(0.07);
    expect(await collect()).toEqual(first);
  });
});
