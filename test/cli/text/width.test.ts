import { describe, expect, it } from 'vitest';
import { padEnd, padStart, printable, shorten, shortenEnd, widthOf, wrap } from '../../../src/cli/text/width.js';

describe('printable', () => {
  it.each([
    ['plain text, with "quotes"', 'plain text, with "quotes"'],
    ['größe 模型 📦', 'größe 模型 📦'],
    ['a\u001b[31mb', 'a\\x1b[31mb'],
    ['line\nbreak\ttab', 'line\\x0abreak\\x09tab'],
    ['c1 \u009b0m', 'c1 \\x9b0m'],
    ['right\u202eto left\u200b', 'right\\u202eto left\\u200b'],
    ['half \ud800', 'half \\ud800'],
    ['two\u2028lines', 'two\\u2028lines'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

describe('widthOf', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['模型', 4],
    ['ｆｕｌｌ', 8],
    ['한글', 4],
    ['📦', 2],
    ['…–', 2],
  ])('of %j is %d', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it('is what padding counts', () => {
    expect(padEnd('模', 4)).toBe('模  ');
    expect(padStart('模', 4)).toBe('  模');
    expect(padEnd('long', 2)).toBe('long');
  });
});

describe('shorten', () => {
  it.each([
    ['short', 10, 'short'],
    ['/features/features.1/features.1.0/Conv', 20, '…/features.1.0/Conv'],
    ['/features/features.1/features.1.0/Conv', 12, '…1.0/Conv'],
    ['features.3.conv.weight', 14, '…conv.weight'],
    ['abcdefghijkl', 6, '…hijkl'],
    ['模型的名字很长', 7, '…字很长'],
    ['abc', 1, '…'],
  ])('%j to %d columns is %j', (name, width, expected) => {
    const result = shorten(name, width);
    expect(result).toBe(expected);
    expect(widthOf(result)).toBeLessThanOrEqual(width);
  });
});

describe('shortenEnd', () => {
  it.each([
    ['short', 10, 'short'],
    ['1, 2, 3, 4', 7, '1, 2, …'],
    ['模型的名字', 6, '模型…'],
  ])('%j to %d columns is %j', (text, width, expected) => {
    expect(shortenEnd(text, width)).toBe(expected);
  });
});

describe('wrap', () => {
  it('breaks at spaces and keeps long words whole', () => {
    expect(wrap('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']);
    expect(wrap('a verylongword b', 5)).toEqual(['a', 'verylongword', 'b']);
    expect(wrap('', 5)).toEqual(['']);
  });
});
