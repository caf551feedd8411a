import { describe, expect, it, vi } from 'vitest';
import { DTYPES, integerRange, isFloat, bitsOf } from '../../../src/ir/dtype.js';
import { syntheticSamples } from '../../../src/passes/calibration/synthetic.js';
import { collect, dimsOf, elementsOf, inputOf } from '../../support/samples.js';

describe('syntheticSamples', () => {
  const x = inputOf('x', ['N', 3, 50]);

  it('are the same whatever the batch size, and others for another seed', async () => {
    const inputs = [x, inputOf('y', ['N', 2])];
    const whole = await collect(syntheticSamples(inputs), 64);
    const parts = await collect(syntheticSamples(inputs), 7);
    for (const name of ['x', 'y']) expect(elementsOf(parts, name)).toEqual(elementsOf(whole, name));
    expect(dimsOf(parts, 'x').at(-1)).toEqual([1, 3, 50]);
    const other = await collect(syntheticSamples(inputs, { seed: 2 }), 64);
    expect(elementsOf(other, 'x')).not.toEqual(elementsOf(whole, 'x'));
    expect(elementsOf(whole, 'x').slice(0, 2)).not.toEqual(elementsOf(whole, 'y').slice(0, 2));
  });

  it('are bell-shaped with variance 1, or uniform', async () => {
    const moments = (values: readonly number[]): [mean: number, variance: number, beyond: number] => [
      values.reduce((sum, value) => sum + value) / values.length,
      values.reduce((sum, value) => sum + value * value) / values.length,
      values.filter((value) => Math.abs(value) > 2).length / values.length,
    ];
    const normal = moments(elementsOf(await collect(syntheticSamples([x], { count: 200 })), 'x'));
    // 30000 values: the standard error of the mean is 0.006, of the variance 0.008, of the share beyond 2σ 0.0012.
    expect(Math.abs(normal[0])).toBeLessThan(0.03);
    expect(Math.abs(normal[1] - 1)).toBeLessThan(0.04);
    expect(Math.abs(normal[2] - 0.0455)).toBeLessThan(0.006);
    const uniform = moments(elementsOf(await collect(syntheticSamples([x], { distribution: 'uniform' })), 'x'));
    expect(Math.abs(uniform[1] - 1 / 3)).toBeLessThan(0.02);
    expect(uniform[2]).toBe(0);
  });

  it('begin with known values', async () => {
    const values = elementsOf(await collect(syntheticSamples([inputOf('x', ['N', 1])], { count: 3 })), 'x');
    expect(values).toMatchInlineSnapshot(`
      [
        1.086050033569336,
        -2.390216827392578,
        0.9849064350128174,
      ]
    `);
  });

  it.each(DTYPES)('have values of %s', async (dtype) => {
    const batches = await collect(syntheticSamples([inputOf('x', ['N', 100], dtype)]));
    const values = elementsOf(batches, 'x');
    expect(batches[0]?.get('x')?.dtype).toBe(dtype);
    if (isFloat(dtype)) expect(new Set(values).size).toBeGreaterThan(500);
    else {
      const narrow = dtype !== 'bool' && bitsOf(dtype) <= 8;
      const { lo, hi } = narrow ? integerRange(dtype) : { lo: 0, hi: 1 };
      expect([Math.min(...values), Math.max(...values)]).toEqual([lo, hi]);
    }
  });

  it('keep to fixed batches and to inputs without axes', async () => {
    const source = syntheticSamples([inputOf('x', [5, 2]), inputOf('rate', [])], { count: 12 });
    expect(source).toMatchObject({ count: 15, fixedBatch: 5 });
    const batches = await collect(source);
    expect(dimsOf(batches, 'x')).toEqual(Array(3).fill([5, 2]));
    expect(new Set(elementsOf(batches, 'rate')).size).toBe(1);
    const mixed = await collect(syntheticSamples([inputOf('x', [1, 2]), inputOf('state', [2, 3])], { count: 2 }));
    expect(dimsOf(mixed, 'state')).toEqual(Array(2).fill([2, 3]));
  });

  it('warn loudly', () => {
    const report = vi.fn();
    syntheticSamples([x], { report });
    expect(report.mock.calls).toMatchObject([[{ code: 'synthetic-calibration', severity: 'warning' }]]);
  });

  it('need known sizes', () => {
    expect(() => syntheticSamples([x, inputOf('speech', ['N', 'T', 80])])).toThrow(
      "input 'speech' takes float32[N,T,80], so how large a random sample should be is unknown",
    );
  });
});
