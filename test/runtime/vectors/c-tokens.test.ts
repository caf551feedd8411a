import { describe, expect, it } from 'vitest';
import { CTokens } from '../../../src/runtime/vectors/c-tokens.js';

function tokensOf(
  text: string,
  plain = false,
): { readonly tokens: string[]; readonly comments: string[]; readonly defined: string[] } {
  const comments: string[] = [];
  const defined: string[] = [];
  const source = new CTokens(text, {
    comment: (comment) => comments.push(comment),
    define: (name, value) => defined.push(`${name}=${value}`),
  });
  const tokens: string[] = [];
  for (let token = source.next(plain); token.kind !== 'end'; token = source.next(plain)) tokens.push(token.text);
  return { tokens, comments, defined };
}

describe('CTokens', () => {
  it('tells numbers, words and what stands alone', () => {
    expect(tokensOf('int8_t a[0x1F] = {-1.5e-3f};').tokens).toEqual([
      'int8_t',
      'a',
      '[',
      '0x1F',
      ']',
      '=',
      '{',
      '-',
      '1.5e-3f',
      '}',
      ';',
    ]);
  });
  it('reads code in block comments, unless they are plain', () => {
    expect(tokensOf('a /* b */ c').tokens).toEqual(['a', 'b', '*/', 'c']);
    expect(tokensOf('a /* b */ c', true).tokens).toEqual(['a', 'c']);
    expect(tokensOf('a /* b', true).tokens).toEqual(['a']);
  });
  it('hands over line comments, up to the end of the block comment that they stand in', () => {
    expect(tokensOf('a // one\nb /* // two */ c')).toMatchObject({
      tokens: ['a', 'b', '*/', 'c'],
      comments: [' one', ' two '],
    });
  });
  it('hands over definitions, and passes over strings and other directives', () => {
    expect(tokensOf('#define N (3)\n#if 0\n"/* no */" x\n#define TWO \\\n 2')).toMatchObject({
      tokens: ['"/* no */"', 'x'],
      defined: ['N=3'],
    });
  });
  it('knows lines', () => {
    const source = new CTokens('a\nb\n\nc', { comment: () => undefined, define: () => undefined });
    const lines = [source.next(), source.next(), source.next()].map(({ offset }) => source.lineOf(offset));
    expect(lines).toEqual([1, 2, 4]);
  });
});
