import { describe, expect, it } from 'vitest';
import { readPythonDict } from '../../../src/runtime/formats/python-literal.js';

const read = (text: string): unknown => {
  const entries = readPythonDict(text);
  return entries && Object.fromEntries(entries);
};

describe('readPythonDict', () => {
  it.each<[string, unknown]>([
    ['{}', {}],
    [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
      { descr: '<f4', fortran_order: false, shape: [2, 3] },
    ],
    ['  {"a": "it\'s",\t\'b\':None}\r\n', { a: "it's", b: null }],
    // A comma makes the tuple, parentheses alone do not.
    ["{'a': (3,), 'b': (3), 'c': (), 'd': [3]}", { a: [3], b: 3, c: [], d: [3] }],
    // Python 2 writes long integers with L.
    ["{'a': (3L, -4L), 'b': +5}", { a: [3, -4], b: 5 }],
    [
      "{'a': [('x', '<i4'), ('y', ('<f8', (2,)))]}",
      {
        a: [
          ['x', '<i4'],
          ['y', ['<f8', [2]]],
        ],
      },
    ],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it.each([
    ['nothing', ''],
    ['another literal', "('a', 1)"],
    ['no end', "{'a': 1"],
    ['more behind it', "{'a': 1} {}"],
    ['a key twice', "{'a': 1, 'a': 2}"],
    ['a key that is no text', '{1: 2}'],
    ['no comma between entries', "{'a': 1 'b': 2}"],
    ['no comma between items', "{'a': (1 2)}"],
    ['commas alone', "{'a': (,)}"],
    ['the wrong bracket', "{'a': (1, 2]}"],
    ['a name', "{'a': nan}"],
    ['a call', "{'a': open('f')}"],
    ['a sum', "{'a': 1 + 1}"],
    ['an escape', "{'a': '\\x41'}"],
    ['a float', "{'a': 1.5}"],
    ['a digit too many', `{'a': ${'9'.repeat(21)}}`],
  ])('is undefined for %s', (_, text) => {
    expect(readPythonDict(text)).toBeUndefined();
  });

  it('nests 8 brackets and no more', () => {
    const nested = (depth: number): string => `{'a': ${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(read(nested(8))).toEqual({ a: [[[[[[[[]]]]]]]] });
    expect(readPythonDict(nested(9))).toBeUndefined();
    expect(readPythonDict(nested(100_000))).toBeUndefined();
  });

  it('knows the names that objects of JavaScript have as keys', () => {
    expect(readPythonDict("{'__proto__': 1, 'constructor': 2}")).toEqual(
      new Map([
        ['__proto__', 1],
        ['constructor', 2],
      ]),
    );
  });
});
