import { describe, expect, it } from 'vitest';
import { ConfigDocument, scalarText } from '../../../src/cli/config/config-document.js';
import { Settings } from '../../../src/cli/settings.js';
import { InternalError } from '../../../src/ir/diagnostics.js';

function open(text: string): { readonly document: ConfigDocument; readonly told: () => unknown } {
  const settings = new Settings();
  const document = new ConfigDocument('q.yaml', text, settings);
  return { document, told: () => settings.problems.map(({ at, message }) => [at?.file, message]) };
}
/** Texts and places of the keys of a file. */
function entriesOf(text: string): unknown {
  const { document } = open(text);
  const root = document.root();
  if (root === undefined) throw new InternalError('no mapping');
  return [...document.entries(root)].map(([key, { at, value }]) => [key, document.place(at), scalarText(value)]);
}

describe('ConfigDocument', () => {
  it('knows the line and column of every key', () => {
    expect(entriesOf('# head\na: x\n\n"b c": y\n')).toEqual([
      ['a', 'q.yaml:2:1', 'x'],
      ['b c', 'q.yaml:4:1', 'y'],
    ]);
    expect(entriesOf('{a: x,\r\n  b: y}')).toEqual([
      ['a', 'q.yaml:1:2', 'x'],
      ['b', 'q.yaml:2:3', 'y'],
    ]);
  });

  it('follows aliases, and tells keys without a value', () => {
    expect(entriesOf('a: &n 0x10\nb: *n\nc:\n')).toEqual([
      ['a', 'q.yaml:1:1', '0x10'],
      ['b', 'q.yaml:2:1', '0x10'],
      ['c', 'q.yaml:3:1', undefined],
    ]);
  });

  it.each(['', '\n', '# a comment\n', '---\n', '~\n'])('%j is empty, which is no mistake', (text) => {
    const { document, told } = open(text);
    expect([document.isEmpty, document.root(), told()]).toEqual([true, undefined, []]);
  });

  it.each([
    ['- a\n', 'q.yaml:1:1', 'the file is no mapping of keys to values'],
    ['\n  text\n', 'q.yaml:2:3', 'the file is no mapping of keys to values'],
  ])('%j is no mapping', (text, place, message) => {
    const { document, told } = open(text);
    expect([document.isEmpty, document.root()]).toEqual([false, undefined]);
    expect(told()).toEqual([[place, message]]);
  });

  it('notes what is no YAML at once, and has no mapping then', () => {
    const { document, told } = open('a: [1\nb: 2\n');
    expect(told()).not.toEqual([]);
    expect([document.isEmpty, document.root()]).toEqual([false, undefined]);
  });

  it.each([
    ['several documents', 'a: 1\n---\nb: 2\n', 'q.yaml:2:1', /^another document begins here, one mapping/],
    ['what follows an end', 'a: 1\n...\nb: 2\n', 'q.yaml:3:1', /^another document begins here/],
    ['a tab', 'a:\n\tb\n', 'q.yaml:2:1', /^the line is indented with a tab, spaces are accepted$/],
    ['a stray indentation', 'a: 1\n  b: 2\n', 'q.yaml:1:4', /^a mapping begins in the middle of a line/],
    ['an open quote', 'a: "b\n', 'q.yaml:2:1', /^the file is no YAML from here on: /],
    ['brackets in brackets', `a: ${'['.repeat(20_000)}`, /^q\.yaml:1:/, /^the file is nested too deeply/],
    ['mappings in mappings', `a: ${'{a: '.repeat(9000)}${'}'.repeat(9000)}`, /^q\.yaml:1:/, /^the file is nested too/],
  ])('tells of %s in one sentence', (_, text, place, message) => {
    const { document, told } = open(text);
    expect(document.root()).toBe(undefined);
    expect(told()).toEqual([[expect.stringMatching(place), expect.stringMatching(message)]]);
  });

  it.each([
    ['a: *x\n', 'q.yaml:1:4'],
    ['a: [1, *x]\n', 'q.yaml:1:8'],
    ['a: *x\nb: &x 1\n', 'q.yaml:1:4'],
    ['*x : 1\n', 'q.yaml:1:1'],
    ['a: {b: {c: *x}}\n', 'q.yaml:1:12'],
  ])('refuses the alias of %j, which stands for nothing', (text, place) => {
    const { document, told } = open(text);
    expect([document.isEmpty, document.root()]).toEqual([false, undefined]);
    expect(told()).toEqual([[place, 'the alias *x stands for nothing: no &x is above it']]);
  });

  it('refuses keys that are no text, and keeps the others', () => {
    const { document, told } = open('a: 1\n5: 2\n? [b]\n: 3\n');
    const root = document.root();
    expect(root && [...document.entries(root).keys()]).toEqual(['a']);
    expect(told()).toEqual([
      ['q.yaml:2:1', 'a key is no text'],
      ['q.yaml:3:3', 'a key is no text'],
    ]);
  });
});

describe('scalarText', () => {
  const textOf = (value: string): string | undefined => {
    const { document } = open(`a: ${value}\n`);
    const root = document.root();
    return root && scalarText(document.entries(root).get('a')?.value);
  };
  it.each([
    ['word', 'word'],
    ["'8'", '8'],
    // As it is written, so that messages say what stands in the file.
    ['08', '08'],
    ['1e2', '1e2'],
    ['0.50', '0.50'],
    ['True', 'True'],
    ['null', undefined],
    ['[a]', undefined],
    ['{b: c}', undefined],
  ])('of %s is %s', (value, text) => {
    expect(textOf(value)).toBe(text);
  });
});
