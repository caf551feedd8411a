import { describe, expect, it } from 'vitest';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { ParseError } from '../../../src/ir/text/lexer.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

const constantOf = (text: string): readonly unknown[] => {
  const graph = parseGraph(`graph "g"\nconst %c: ${text}\noutput "c" = %c`, OPERATORS);
  return Array.from((graph.outputs[0]?.value.constant?.data ?? []) as ArrayLike<unknown>);
};

describe('parseGraph', () => {
  it('reads constants of every notation', () => {
    expect(constantOf('float32[6] = [1, -0.0, 2.5e-1, nan, inf, -inf]')).toEqual([
      1,
      -0,
      0.25,
      NaN,
      Infinity,
      -Infinity,
    ]);
    expect(constantOf('int64[2] = [9223372036854775807, -9223372036854775808]')).toEqual([
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]);
    expect(constantOf('int64[2] = splat 3')).toEqual([3n, 3n]);
    expect(constantOf('int8[] = [-7]')).toEqual([-7]);
    expect(constantOf('float32[0] = []')).toEqual([]);
    expect(constantOf('float32[2] = base64 "AACAPwAAAMA="')).toEqual([1, -2]);
  });

  it('draws random constants from a seed alone', () => {
    const [a, again, other] = [5, 5, 6].map((seed) => constantOf(`float32[40] = random ${seed}`));
    expect(again).toEqual(a);
    expect(other).not.toEqual(a);
    for (const x of a ?? []) expect(Math.abs(Number(x))).toBeLessThanOrEqual(1);
    expect(new Set(a).size).toBeGreaterThan(30);
  });

  it('skips comments and knows kinds of numbers', () => {
    const graph = parseGraph(
      `// a graph
      graph "g" // of one node
      input %x: float32[N,3] // "not" %read
      %y = Flatten(%x) {axis = -1}
      %z: int8[N] = com.example.deep.Op(_, %y) {f = 1.0, i = 1, e = 1e3, n = nan}
      output "z" = %z`,
      OPERATORS,
    );
    const [flatten, other] = graph.nodes;
    expect(flatten?.attrs.get('axis')).toEqual({ kind: 'int', value: -1 });
    expect([other?.domain, other?.op, other?.inputs]).toEqual([
      'com.example.deep',
      'Op',
      [undefined, flatten?.outputs[0]],
    ]);
    expect([...(other?.attrs ?? [])].map(([name, { kind }]) => `${name} ${kind}`)).toEqual([
      'f float',
      'i int',
      'e float',
      'n float',
    ]);
  });

  it.each([
    ['another word at the start', 'model "g"', "line 1: expected 'graph', found 'model'"],
    ['a character of no token', 'graph "g"\n\n  ;', 'line 3: unexpected ";"'],
    ['an escape that JSON does not have', 'graph "\\x"', 'line 1: malformed string "\\x"'],
    [
      'an end in the middle',
      'graph "g"\ninput %x: float32[',
      "line 2: a dimension is a size or a symbol, found 'the end'",
    ],
    ['an unknown element type', 'graph "g"\ninput %x: float[1]', "line 2: 'float' is not an element type"],
    ['a size below 0', 'graph "g"\ninput %x: float32[-1]', "line 2: '-1' is not a size"],
    ['a fraction of a size', 'graph "g"\ninput %x: float32[1.5]', "line 2: '1.5' is not a size"],
    [
      'a grid of no known kind',
      'graph "g"\ninput %x: int8[1]<0.5 i8>',
      "line 2: expected s8, u4 or the like, found 'i8'",
    ],
    ['a constant with symbols', 'graph "g"\nconst %c: int8[N] = [1]', 'line 2: the shape of a constant has no symbols'],
    ['too few elements', 'graph "g"\nconst %c: int8[2] = [1]', 'line 2: 1 elements given, the type has 2'],
    [
      'base64 of another length',
      'graph "g"\nconst %c: int8[2] = base64 "AAAA"',
      'line 2: the base64 text does not hold 2 elements of int8',
    ],
    ['a value before its definition', 'graph "g"\n%y = Relu(%x)', 'line 2: %x is not defined'],
    ['two values of one label', 'graph "g"\ninput %x: int8[1]\ninput %x: int8[1]', 'line 3: %x is defined twice'],
    [
      'results of an unknown operator without types',
      'graph "g"\ninput %x: float32[1]\n%y = Unknown(%x)',
      'line 3: the type of %y is neither given nor inferred',
    ],
    ['too many inputs', 'graph "g"\ninput %x: float32[1]\n%y = Relu(%x, %x)', 'line 3: Relu has 2 inputs'],
    ['shapes that do not fit', 'graph "g"\ninput %x: float32[2]\ninput %z: float32[3]\n%y = Add(%x, %z)', 'line 4: '],
    ['a list that is not closed', 'graph "g"\ninput %x: float32[1', "line 2: expected ']', found 'the end'"],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseGraph(text, OPERATORS)).toThrow(ParseError);
    expect(() => parseGraph(text, OPERATORS)).toThrow(message);
  });
});
