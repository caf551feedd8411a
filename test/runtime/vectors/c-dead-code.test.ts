import { describe, expect, it } from 'vitest';
import { withoutDeadCode } from '../../../src/runtime/vectors/c-dead-code.js';

const kept = (text: string): readonly string[] =>
  withoutDeadCode(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

describe('withoutDeadCode', () => {
  it.each<[string, readonly string[]]>([
    ['a\n#if 0\nb\n#endif\nc', ['a', 'c']],
    ['#if 0\na\n#else\nb\n#endif', ['b']],
    ['#if 1\na\n#else\nb\n#endif', ['a']],
    ['#if 1\na\n#elif X\nb\n#else\nc\n#endif\nd', ['a', 'd']],
    ['#if 0\na\n#elif X\nb\n#else\nc\n#endif', ['b', 'c']],
    ['#if X\na\n#else\nb\n#endif', ['a', 'b']],
    ['#ifdef 0\na\n#endif', ['a']],
    ['#if 0\n#if 1\na\n#else\nb\n#endif\nc\n#endif\nd', ['d']],
    ['# if (0) /* never */\r\na\r\n# endif // 0\r\nb', ['b']],
    ['#if 0\na', []],
    ['#endif\n#else\na\n#if 0\nb\n#endif', ['a']],
  ])('%j', (text, lines) => {
    expect(kept(text)).toEqual(lines);
  });

  it('keeps the places of lines', () => {
    const text = 'a\n#if 0\nb\nc\n#endif\nd';
    expect(withoutDeadCode(text).split('\n').indexOf('d')).toBe(5);
  });

  it('keeps a set that begins in what is left out', () => {
    expect(kept('#if 0\n// SET 1\na\n#endif\n#if 0\nb\n#endif')).toEqual(['// SET 1', 'a']);
  });

  it('is blind to what stands in comments and strings', () => {
    expect(kept('/*\n#if 0\n*/\na\n#if 0\n/*\n#endif */\nb\n#endif')).toEqual(['/*', '*/', 'a']);
    expect(kept('s = "/*"; // /*\n#if 0\na\n#endif')).toEqual(['s = "/*"; // /*']);
  });
});
