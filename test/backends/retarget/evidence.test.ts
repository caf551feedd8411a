import { describe, expect, it } from 'vitest';
import { Evidence } from '../../../src/backends/retarget/evidence.js';
import { NonFiniteError } from '../../../src/passes/calibration/observers/observer.js';

const evidenceOf = (...batches: readonly number[][]): Evidence => {
  const evidence = new Evidence({ min: -1, max: 2 });
  for (const batch of batches) evidence.observe(Float32Array.from(batch));
  return evidence;
};

describe('Evidence', () => {
  it('is the mean square within the range, and that of what the range cuts off', () => {
    // Within: 0, 1, 2 and -1; cut off: 3 and -0.5.
    const { exists, energy, overshoot } = evidenceOf([0, 1], [5, -1.5]);
    expect(exists).toBe(true);
    expect(energy).toBe((0 + 1 + 4 + 1) / 4);
    expect(overshoot).toBe((9 + 0.25) / 4);
  });

  it('has no overshoot where samples end with the range', () => {
    expect(evidenceOf([-1, 2]).overshoot).toBe(0);
  });

  it('leaves the trained range as it is', () => {
    expect(evidenceOf([100]).range()).toEqual({ min: -1, max: 2 });
  });

  it('says when there is none', () => {
    expect(evidenceOf()).toMatchObject({ exists: false, energy: 0, overshoot: 0 });
  });

  it.each([NaN, Infinity, -Infinity])('refuses %d, and does not count the elements in front of it', (broken) => {
    const evidence = evidenceOf();
    expect(() => evidence.observe(Float32Array.of(1, broken))).toThrow(NonFiniteError);
    expect(evidence).toMatchObject({ exists: false, energy: 0 });
  });
});
