import { describe, expect, it } from 'vitest';
import { EngineTally, type Engine, type OutputSteps } from '../../../src/backends/compare/engine-agreement.js';

/** Integers of scale 0.5 from -8 to 7. */
const STEPS: OutputSteps = {
  stepOfReal: (real) => Math.max(-8, Math.min(7, Math.round(real / 0.5))),
  stepOfResult: (result) => result,
};
const results = (lists: Partial<Record<Engine, number[]>>): Map<Engine, number[]> =>
  new Map(Object.entries(lists) as [Engine, number[]][]);

describe('a count of differing results', () => {
  it('brings the float model to the steps of the output, and compares the others as they are', () => {
    const tally = new EngineTally();
    tally.add(results({ float: [1.1, -0.3, 99], integers: [2, -1, 7], runtime: [2, 0, 7] }), STEPS);
    tally.add(results({ float: [1], integers: [5], runtime: [5] }), STEPS);
    expect(tally.agreements).toEqual([
      { engines: ['float', 'integers'], elements: 4, differing: 1, largest: 3 },
      { engines: ['float', 'runtime'], elements: 4, differing: 2, largest: 3 },
      { engines: ['integers', 'runtime'], elements: 4, differing: 1, largest: 1 },
    ]);
  });

  it('is of the engines that took part', () => {
    const tally = new EngineTally();
    tally.add(results({ float: [1], integers: [2] }), STEPS);
    expect(tally.agreements.map(({ engines }) => engines)).toEqual([['float', 'integers']]);
  });

  it('takes NaN for equal to NaN alone', () => {
    const tally = new EngineTally();
    const anything: OutputSteps = { stepOfReal: (x) => x, stepOfResult: (x) => x };
    tally.add(results({ integers: [NaN, NaN], runtime: [NaN, 1] }), anything);
    expect(tally.agreements).toEqual([
      { engines: ['integers', 'runtime'], elements: 2, differing: 1, largest: Infinity },
    ]);
  });
});
