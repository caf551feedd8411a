import { expect, it } from 'vitest';
import { MinMaxObserver } from '../../../../src/passes/calibration/observers/minmax.js';

it('keeps the extremes of all batches', () => {
  const observer = new MinMaxObserver();
  observer.observe(Float32Array.of(1, 3));
  expect(observer.range()).toEqual({ min: 1, max: 3 });
  observer.observe(Float32Array.of(2, -5));
  observer.observe(Float32Array.of(2.5));
  expect(observer.range()).toEqual({ min: -5, max: 3 });
});
