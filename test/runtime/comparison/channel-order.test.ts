import { describe, expect, it } from 'vitest';
import { channelsFirst, isOrdered } from '../../../src/runtime/comparison/channel-order.js';

describe('channelsFirst', () => {
  it('brings N, H, W, C into the order N, C, H, W', () => {
    const [N, C, H, W] = [2, 3, 2, 2];
    const at = (n: number, c: number, h: number, w: number): number => ((n * C + c) * H + h) * W + w;
    const last: number[] = [];
    for (let n = 0; n < N; n++)
      for (let h = 0; h < H; h++) for (let w = 0; w < W; w++) for (let c = 0; c < C; c++) last.push(at(n, c, h, w));
    expect([...channelsFirst(last, [N, C, H, W])]).toEqual([...last.keys()]);
  });
});

describe('isOrdered', () => {
  it.each([
    [[1, 3, 4, 4], true],
    [[1, 3, 4], true],
    [[1, 1, 4, 4], false],
    [[1, 3, 1, 1], false],
    [[3, 4], false],
  ])('%j: %s', (dims, ordered) => {
    expect(isOrdered(dims)).toBe(ordered);
    // What is not ordered is the same either way.
    const data = Float64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => i);
    expect([...channelsFirst(data, dims)].every((value, i) => value === i)).toBe(!ordered);
  });
});
