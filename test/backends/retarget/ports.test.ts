import { describe, expect, it } from 'vitest';
import { integerTensors, realSamples, realTensors } from '../../../src/backends/retarget/ports.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { tensorSamples } from '../../../src/passes/calibration/fit-samples.js';

const PORTS = new Map([['x', { dtype: 'uint8' as const, grid: { scale: 0.5, zeroPoint: 3, lo: 0, hi: 255 } }]]);

describe('ports', () => {
  it('turn integers into real numbers and back', () => {
    const integers = new Map([['x', new Tensor('uint8', [4], Uint8Array.of(0, 3, 7, 255))]]);
    const real = realTensors(integers, PORTS);
    expect(real.get('x')?.toNumbers()).toEqual([-1.5, 0, 2, 126]);
    expect(integerTensors(real, PORTS)).toEqual(integers);
  });

  it('round halves to even and saturate', () => {
    const real = new Map([['x', Tensor.float32([4], [0.25, 0.75, -9, 999])]]);
    expect(integerTensors(real, PORTS).get('x')?.toNumbers()).toEqual([3, 5, 0, 255]);
  });

  it('leave other tensors as they are', () => {
    const other = new Map([['z', Tensor.float32([1], [0.3])]]);
    expect(realTensors(other, PORTS)).toEqual(other);
    expect(integerTensors(other, PORTS)).toEqual(other);
  });

  it('turn every batch of samples into real numbers', async () => {
    const input = { name: 'x', type: { dtype: 'uint8' as const, shape: ['N', 2] } };
    const samples = tensorSamples([input], new Tensor('uint8', [3, 2], Uint8Array.of(3, 4, 5, 6, 7, 8)));
    const seen: number[][] = [];
    for await (const batch of realSamples(samples, PORTS).batches(2)) seen.push(batch.get('x')?.toNumbers() ?? []);
    expect(seen).toEqual([
      [0, 0.5, 1, 1.5],
      [2, 2.5],
    ]);
  });
});
