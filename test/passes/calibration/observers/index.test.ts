import { describe, expect, it } from 'vitest';
import { isObserverKind, makeObserver, OBSERVER_KINDS } from '../../../../src/passes/calibration/observers/index.js';
import { NonFiniteError, NothingObservedError } from '../../../../src/passes/calibration/observers/observer.js';

describe.each(OBSERVER_KINDS)('%s', (kind) => {
  it('observes batches and answers at any time', () => {
    const observer = makeObserver(kind, { bits: 8 });
    expect(() => observer.range()).toThrow(NothingObservedError);
    observer.observe(new Float32Array(0));
    expect(() => observer.range()).toThrow(NothingObservedError);
    observer.observe(Float32Array.of(-1, 0.5));
    const first = observer.range();
    expect(first.min).toBeLessThan(0);
    observer.observe(Float32Array.of(-1, 4));
    expect(observer.range().max).toBeGreaterThan(first.max);
  });

  it('takes in nothing of a batch that is not finite', () => {
    const observer = makeObserver(kind, { bits: 8 });
    observer.observe(Float32Array.of(-1, 2));
    const before = observer.range();
    expect(() => observer.observe(Float32Array.of(9, Infinity))).toThrow(NonFiniteError);
    expect(observer.range()).toEqual(before);
  });

  it.each([1, 17, 2.5, NaN])('refuses %d bits', (bits) => {
    expect(() => makeObserver(kind, { bits })).toThrow('bits is 2 … 16');
  });
});

describe('makeObserver', () => {
  it('passes the options on', () => {
    expect(() => makeObserver('percentile', { bits: 8, percentile: 20 })).toThrow('a percentile is above 50');
    expect(() => makeObserver('moving-average', { bits: 8, averagingConstant: 0 })).toThrow('averaging constant');
    const median = makeObserver('percentile', { bits: 8, percentile: 75 });
    median.observe(Float32Array.of(0, 0, 0, 100));
    expect(median.range().max).toBeLessThan(1);
  });

  it('knows the names of the command line', () => {
    expect(OBSERVER_KINDS.every(isObserverKind)).toBe(true);
    expect(isObserverKind('MinMax')).toBe(false);
    expect(isObserverKind('toString')).toBe(false);
  });
});
