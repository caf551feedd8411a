import { describe, expect, it } from 'vitest';
import { readJsonVectors } from '../../../src/runtime/vectors/json-vectors.js';

const setsOf = (...sets: readonly unknown[]): unknown =>
  readJsonVectors(JSON.stringify({ sets })).sets.map(({ label, arrays }) => [
    label,
    ...arrays.map(({ name, role, tensor }) => [name, role, tensor.dims, tensor.toNumbers()]),
  ]);

describe('readJsonVectors', () => {
  it('leaves the conventional names to tell what they are, and groups tell it themselves', () => {
    expect(
      setsOf({ input: [1], outputs: { y: [2] }, inputs: { x: [3] }, tensors: { y: [4] }, golden: [5], other: 'text' }),
    ).toEqual([
      [
        'set 0',
        ['input', undefined, [1], [1]],
        ['y', 'output', [1], [2]],
        ['x', 'input', [1], [3]],
        ['y', 'tensor', [1], [4]],
        ['golden', undefined, [1], [5]],
      ],
    ]);
  });

  it('keeps lists under other keys, which may be named after tensors, and passes over the rest', () => {
    const [set] = readJsonVectors(
      '{"sets": [{"outputs": [2], "/conv": [[3], [4]], "layers": {"/relu": [5], "kind": "x"}, "tags": ["a"], "result": "ok"}]}',
    ).sets;
    expect(set?.arrays.map(({ name, role, incidental, tensor }) => [name, role, incidental, tensor.dims])).toEqual([
      ['outputs', undefined, false, [1]],
      ['/conv', undefined, true, [2, 1]],
      ['/relu', 'tensor', true, [1]],
    ]);
  });

  it('labels sets as the file does, by their place otherwise', () => {
    const labels = readJsonVectors('{"sets": [{"set": 7, "input": [1]}, {"set": "b", "input": [1]}, {"input": [1]}]}');
    expect(labels.sets.map(({ label }) => label)).toEqual(['set 7', 'set b', 'set 2']);
  });

  it('passes over null, which stands for nothing', () => {
    expect(setsOf({ input: [1], golden_output: null, tensors: null })).toEqual([
      ['set 0', ['input', undefined, [1], [1]]],
    ]);
  });

  it.each<[unknown, readonly number[], readonly number[]]>([
    [
      [
        [[1], [2]],
        [[3], [4]],
      ],
      [2, 2, 1],
      [1, 2, 3, 4],
    ],
    [[], [0], []],
    [[[], []], [2, 0], []],
    [['NaN', 'Infinity', '-Infinity', -0.5], [4], [NaN, Infinity, -Infinity, -0.5]],
  ])('%j', (value, dims, values) => {
    expect(setsOf({ input: value })).toEqual([['set 0', ['input', undefined, dims, values]]]);
  });

  it.each<[unknown, string]>([
    [[[1], 2], 'uneven lists'],
    [[2, [1]], 'uneven lists'],
    [[[1, 2], [3]], 'uneven lists'],
    [[[[1]], [[2, 3]]], 'uneven lists'],
    [[1, null], "element 1 of 'input' of set 0 is no number"],
    [[true], "element 0 of 'input' of set 0 is no number"],
    [['1'], "element 0 of 'input' of set 0 is no number"],
    [{ a: 1 }, "element 0 of 'input' of set 0 is no number"],
  ])('refuses %j', (value, message) => {
    expect(() => setsOf({ input: value })).toThrow(message);
  });

  it('reads 16 axes and no more', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(() => setsOf({ input: nested(16) })).not.toThrow();
    expect(() => setsOf({ input: nested(17) })).toThrow('uneven lists');
  });
});
