import { describe, expect, it } from 'vitest';
import { memoryWarnings } from '../../src/backends/memory-warnings.js';
import { findTarget } from '../../src/backends/targets.js';

const memory = (weightBytes: number, peakActivationBytes: number): Parameters<typeof memoryWarnings>[0] => ({
  weightBytes,
  peakActivationBytes,
  floatWeightBytes: 0,
  floatPeakActivationBytes: 0,
});

describe('memoryWarnings', () => {
  // 128 KB of flash, 32 KB of RAM.
  const MSPM0 = findTarget('mspm0g5187')!;

  it('is silent as long as all fits', () => {
    expect(memoryWarnings(memory(128 * 1024, 32 * 1024), MSPM0)).toEqual([]);
  });

  it('tells of flash and RAM that are exceeded, if only by a byte', () => {
    const warnings = memoryWarnings(memory(128 * 1024 + 1, 32 * 1024 + 1), MSPM0);
    expect(warnings.map(({ code, severity, message }) => [code, severity, message])).toEqual([
      ['flash-exceeded', 'warning', 'the weights take 128.1 KB, but mspm0g5187 has 128 KB of flash'],
      ['ram-exceeded', 'warning', 'the activations take 32.1 KB at their peak, but mspm0g5187 has 32 KB of RAM'],
    ]);
  });

  it('has nothing to say where the sizes are not known', () => {
    expect(memoryWarnings(memory(1e9, 1e9), findTarget('tinpu')!)).toEqual([]);
  });
});
