import { describe, expect, it } from 'vitest';
import { affordableSamples } from '../../../src/backends/calibration/sample-budget.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

/** A 1×1 convolution of `channels` to one channel over a square map. */
const network = (channels: number, side: number) =>
  parseGraph(
    `graph "g"
      input %x: float32[N,${channels},${side},${side}]
      const %w: float32[1,${channels},1,1] = [${new Array(channels).fill('1').join(', ')}]
      %y = Conv(%x, %w)
      output "y" = %y`,
    OPERATORS,
  );

describe('affordableSamples', () => {
  it('takes all samples of a small model', () => {
    expect(affordableSamples(network(4, 8), 64)).toBe(64);
  });

  it('takes as many as 2e9 multiply-accumulates allow', () => {
    expect(affordableSamples(network(20, 3000), 64)).toBe(Math.floor(2e9 / (20 * 3000 * 3000)));
  });

  it('takes a few of a model however large, but no more than are wanted', () => {
    expect(affordableSamples(network(50, 10_000), 64)).toBe(4);
    expect(affordableSamples(network(50, 10_000), 2)).toBe(2);
  });
});
