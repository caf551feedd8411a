import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../src/ir/nearest.js';

const WORDS = ['target', 'calib', 'calib-batch', 'weight-bits', 'report'];

describe('nearest', () => {
  it.each([
    ['taget', ['target']],
    ['TARGET', ['target']],
    ['tagret', ['target']],
    ['cal', ['calib', 'calib-batch']],
    ['wieght-bits', ['weight-bits']],
    ['reprot', ['report']],
    ['x', []],
    ['something-else', []],
  ])('%s may mean %j', (word, expected) => {
    expect(nearest(word, WORDS)).toEqual(expected);
  });

  it('gives the best few', () => {
    expect(nearest('ab', ['ab1', 'ab2', 'ab', 'ab3'], 2)).toEqual(['ab', 'ab1']);
  });
});

describe('didYouMean', () => {
  it.each([
    [[], undefined],
    [['a'], "did you mean 'a'?"],
    [['a', 'b'], "did you mean 'a' or 'b'?"],
    [['a', 'b', 'c'], "did you mean 'a', 'b' or 'c'?"],
  ])('of %j', (words, sentence) => {
    expect(didYouMean(words)).toBe(sentence);
  });
});
