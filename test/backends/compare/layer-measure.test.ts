import { describe, expect, it } from 'vitest';
import { LayerMeasure, type LayerErrors } from '../../../src/backends/compare/layer-measure.js';
import { nearestPoint, type Grid } from '../../../src/backends/compare/grid.js';
import { uniformSource } from '../../../src/ir/random.js';

const GRID: Grid = { scale: 0.25, zeroPoint: 0, lo: -8, hi: 7 };
const next = uniformSource(3);
const signal = Array.from({ length: 600 }, () => 1.5 * next());

const measured = (y: number[], inherited: number[], result: number[], dims = [y.length]): LayerErrors => {
  const measure = new LayerMeasure(GRID);
  measure.add(y, inherited, result, dims);
  return measure.errors();
};

describe('the error of a layer', () => {
  it('is rounding alone for the nearest points', () => {
    const errors = measured(
      signal,
      signal,
      signal.map((x) => nearestPoint(x, GRID)),
    );
    expect(errors).toMatchObject({ inherited: 0, weights: 0, saturation: 0, saturated: 0 });
    expect(errors.total).toBeCloseTo(errors.rounding, 9);
    // Rounding errors are spread evenly over a step: the mean square of scale² / 12, within a few parts of √600.
    expect(errors.rounding / 600 / (GRID.scale ** 2 / 12)).toBeCloseTo(1, 0.7);
  });

  it('is saturation for what lies beyond the range', () => {
    const errors = measured([4, -4, 0], [4, -4, 0], [1.75, -2, 0]);
    expect(errors).toMatchObject({ saturated: 2, weights: 0 });
    // Beyond the half step that would round to the end: 4 - 1.875 and 4 - 2.125.
    expect(errors.saturation).toBeCloseTo(2.125 ** 2 + 1.875 ** 2, 12);
    expect(errors.reach).toBe(2);
  });

  it('is inherited as far as the float layer makes it of its inputs', () => {
    const errors = measured([1, 1], [1.5, 1], [1.5, 1]);
    expect(errors).toMatchObject({ inherited: 0.25, total: 0.25, weights: 0, rounding: 0 });
  });

  it('is that of weights where another point than the nearest one is delivered, with the shift of each channel', () => {
    // Two channels of two elements in one sample; the first is off by a step throughout, the second by ±1 step.
    const errors = measured([0, 0, 0, 0], [0, 0, 0, 0], [0.25, 0.25, 0.25, -0.25], [1, 2, 2]);
    expect(errors.weights).toBeCloseTo(4 * 0.25 ** 2, 12);
    expect(errors.meanShift).toBeCloseTo(2 * 0.25 ** 2, 12);
  });

  it('is estimated at other scales', () => {
    const wide = measured(
      signal.map((x) => x / 4),
      signal.map((x) => x / 4),
      signal.map((x) => nearestPoint(x / 4, GRID)),
    );
    const at = (factor: number): number => wide.otherScales.find((trial) => trial.factor === factor)?.error ?? NaN;
    expect(at(1)).toBeCloseTo(wide.rounding, 9);
    // A quarter of the scale is a sixteenth of the error, as rounding goes.
    expect(at(0.25) / at(1)).toBeGreaterThan(1 / 24);
    expect(at(0.25) / at(1)).toBeLessThan(1 / 10);
  });

  it('adds up over batches', () => {
    const whole = new LayerMeasure(GRID);
    const parts = new LayerMeasure(GRID);
    const result = signal.map((x) => nearestPoint(x, GRID) + 0.25);
    whole.add(signal, signal, result, [600, 1]);
    for (const start of [0, 300]) {
      const part = (list: number[]): number[] => list.slice(start, start + 300);
      parts.add(part(signal), part(signal), part(result), [300, 1]);
    }
    expect(parts.errors().total).toBeCloseTo(whole.errors().total, 9);
    expect(parts.errors().meanShift).toBeCloseTo(whole.errors().meanShift, 9);
    expect(parts.errors().elements).toBe(600);
  });
});
