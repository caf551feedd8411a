import { describe, expect, it } from 'vitest';
import {
  compact,
  formatBytes,
  formatDecibels,
  formatRange,
  formatReal,
  formatSeconds,
  formatShare,
  formatType,
  quantity,
} from '../../../src/cli/text/format.js';

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [99_999, '99999'],
    [100_000, '100.0k'],
    [147_650, '147.7k'],
    [1_250_000, '1.3M'],
    [2.5e9, '2.5G'],
  ])('%d is %s in short', (count, text) => expect(compact(count)).toBe(text));

  it.each([
    [1, '1 byte'],
    [9999, '9999 bytes'],
    [10_240, '10.0 KB'],
    [20 * 1024 * 1024, '20.0 MB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, '0 %'],
    [1, '100 %'],
    [0.9999, '99.9 %'],
    [0.00001, '0.1 %'],
    [0.5, '50.0 %'],
  ])('a share of %d is %s', (share, text) => expect(formatShare(share)).toBe(text));

  it.each([
    [[], '–'],
    [[7, 7], '7'],
    [[8, 6, 7], '6–8'],
  ])('%j are %s', (values, text) => expect(formatRange(values)).toBe(text));

  it.each([
    [0.123, '0.12 s'],
    [12.34, '12.3 s'],
    [250, '4 min 10 s'],
    [119.8, '2 min 0 s'],
  ])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

  it('has no more digits than it means', () => {
    expect(formatReal(1 / 3)).toBe('0.3333');
    expect(formatReal(123456)).toBe('123500');
    expect(formatReal(-0.00001234567)).toBe('-0.00001235');
    expect(formatDecibels(37.82)).toBe('37.8');
    expect(formatDecibels(null)).toBe('–');
  });

  it('counts things', () => {
    expect(quantity(1, 'layer')).toBe('1 layer');
    expect(quantity(0, 'layer')).toBe('0 layers');
    expect(formatType('float32', ['N', 3])).toBe('float32[N,3]');
  });
});
