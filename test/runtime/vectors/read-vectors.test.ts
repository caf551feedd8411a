import { strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { DType } from '../../../src/ir/dtype.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { encodeNpy } from '../../../src/runtime/formats/npy.js';
import { encodeNpz } from '../../../src/runtime/formats/npz.js';
import type { GoldenVector } from '../../../src/runtime/vectors/golden-vector.js';
import { readVectors, type VectorFile } from '../../../src/runtime/vectors/read-vectors.js';
import { writeJsonVectors } from '../../../src/runtime/vectors/write-json.js';
import { writeNpzVectors } from '../../../src/runtime/vectors/write-npz.js';

const text = (name: string, content: string): VectorFile => ({ name, bytes: strToU8(content) });
const hex = (content: string, dtype: DType, shape?: readonly number[]): readonly number[] | undefined =>
  readVectors([text('a/golden.hex', content)], {
    dtypes: new Map([['golden', dtype]]),
    shapes: new Map(shape && [['', shape]]),
  }).sets[0]?.arrays[0]?.tensor.toNumbers();

describe('arrays of several files', () => {
  const npy = (name: string, value: number): VectorFile => ({ name, bytes: encodeNpy(Tensor.float32([1], [value])) });
  it('are one set until a name comes again', () => {
    const { sets } = readVectors([npy('f/input.npy', 1), npy('f/output.npy', 2), npy('g/input.npy', 3)]);
    expect(sets.map(({ arrays }) => arrays.map(({ name, tensor }) => [name, ...tensor.toNumbers()]))).toEqual([
      [
        ['input', 1],
        ['output', 2],
      ],
      [['input', 3]],
    ]);
  });
  it('come with those of an archive', () => {
    const archive = { name: 'inter.npz', bytes: encodeNpz([['/a/b', Tensor.float32([1], [5])]]) };
    expect(readVectors([npy('input.npy', 1), archive]).sets).toHaveLength(1);
  });
  it('refuse names that tell nothing', () => {
    expect(() => readVectors([text('a.xyz', '')])).toThrow('the name does not tell how the file holds golden vectors');
  });
});

describe('dumps', () => {
  it('are little-endian', () => {
    const file = { name: 'x.bin', bytes: Uint8Array.of(1, 2, 0xff, 0xff) };
    const [array] = readVectors([file], { dtypes: new Map([['', 'int16']]) }).sets[0]?.arrays ?? [];
    expect([array?.name, ...(array?.tensor.toNumbers() ?? [])]).toEqual(['x', 0x201, -1]);
  });
  it.each<[string, string, DType, readonly number[]]>([
    ['values', '0x7F 80, ff // end\n# line\n1', 'int8', [127, -128, -1, 1]],
    ['values of several bytes', '0102 fffe', 'int16', [258, -2]],
    ['floats', '3f800000 c0000000', 'float32', [1, -2]],
    ['bytes in the order of memory', '01020304', 'int16', [0x201, 0x403]],
    [
      'Intel HEX',
      ':020000040800F2\n:0400000001020304F2\n:02000400FF7F7C\n:00000001FF\n',
      'int8',
      [1, 2, 3, 4, -1, 127],
    ],
  ])('as text: %s', (_, content, dtype, values) => {
    expect(hex(content, dtype)).toEqual(values);
  });
  it.each<[string, DType, readonly number[] | undefined, string]>([
    ['zz', 'int8', undefined, "'zz' is no hexadecimal number"],
    ['010203', 'int16', undefined, 'a word of 6 digits holds no whole number of elements of 2 bytes'],
    [':0400000001020304F3', 'int8', undefined, 'line 1 is no record of Intel HEX, or its checksum is wrong'],
    [':0100000001FE\n:0100020001FC', 'int8', undefined, 'line 2 stands at address 2, accepted: 1'],
    ['01 02', 'int8', [3], 'the dump has 2 bytes, accepted: 3 for int8[3]'],
  ])('%j is refused', (content, dtype, shape, message) => {
    expect(() => hex(content, dtype, shape)).toThrow(message);
  });
  it('want their type told', () => {
    expect(() => readVectors([text('x.bin', '1')])).toThrow('a dump does not tell the type of its elements');
  });
});

describe('JSON', () => {
  const read = (content: string): unknown =>
    readVectors([text('v.json', content)]).sets.map(({ label, arrays }) => [
      label,
      ...arrays.map(({ name, role, tensor }) => [name, role, tensor.dims, tensor.toNumbers()]),
    ]);
  it('holds sets of lists, flat or nested, and tensors by any name', () => {
    const content =
      '{"sets": [{"set": 4, "label": null, "input_q": [1, 2], "golden_output": [[3], [-4]], "tensors": {"__proto__": ["NaN"]}}, {"model_test_input": [0.5]}]}';
    expect(read(content)).toEqual([
      [
        'set 4',
        ['input_q', undefined, [2], [1, 2]],
        ['golden_output', undefined, [2, 1], [3, -4]],
        ['__proto__', 'tensor', [1], [NaN]],
      ],
      ['set 1', ['model_test_input', undefined, [1], [0.5]]],
    ]);
  });
  it.each([
    ['{', 'it is no JSON'],
    ['[]', "it has no list 'sets'"],
    ['{"sets": {}}', "it has no list 'sets'"],
    ['{"sets": [3]}', 'set 0 holds nothing by name'],
    ['{"sets": [{"input_q": [1, "a"]}]}', "element 1 of 'input_q' of set 0 is no number of a list"],
    ['{"sets": [{"input_q": 5}]}', "element 0 of 'input_q' of set 0 is no number of a list"],
    ['{"sets": [{"input_q": [[1], [1, 2]]}]}', "'input_q' of set 0 is a list of uneven lists"],
    [`{"sets": [{"input_q": ${'['.repeat(5000)}${']'.repeat(5000)}}]}`, "'input_q' of set 0 is a list of uneven lists"],
  ])('%.40j is refused', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});

const vector = (k: number): GoldenVector => ({
  label: '',
  inputs: [{ name: 'x', tensor: Tensor.float32([1, 2], [k + 0.1, -0]) }],
  integers: [{ name: 'x', tensor: new Tensor('int8', [1, 2], Int8Array.of(k, -128)) }],
  outputs: [
    { name: 'y', tensor: Tensor.float32([1, 1, 2], [Infinity, NaN]) },
    { name: 'z', tensor: new Tensor('int8', [1], Int8Array.of(k)) },
  ],
  tensors: [{ name: '__proto__', tensor: new Tensor('int32', [], Int32Array.of(-5)) }],
});

describe('what is written', () => {
  it('as JSON reads back as it was', () => {
    const [first, second] = readVectors([{ name: 'v.json', bytes: writeJsonVectors([vector(0), vector(1)]) }]).sets;
    expect(second?.label).toBe('set 1');
    expect(
      first?.arrays.map(({ name, role, tensor }) => [
        name,
        role,
        tensor.dims,
        Array.from(tensor.toNumbers(), Math.fround),
      ]),
    ).toEqual([
      ['model_test_input', undefined, [1, 2], [Math.fround(0.1), -0]],
      ['input_q', undefined, [1, 2], [0, -128]],
      ['y', 'output', [1, 1, 2], [Infinity, NaN]],
      ['z', 'output', [1], [0]],
      ['__proto__', 'tensor', [1], [-5]],
    ]);
  });
  it('as .npz is one array a tensor, vectors along axis 0', () => {
    const [set] = readVectors([{ name: 'v.npz', bytes: writeNpzVectors([vector(0), vector(1)]) }]).sets;
    expect(set?.arrays.map(({ name, tensor }) => [name, tensor.dtype, tensor.dims])).toEqual([
      ['x', 'float32', [2, 2]],
      ['y', 'float32', [2, 1, 2]],
      ['z', 'int8', [2]],
      ['__proto__', 'int32', [2]],
    ]);
  });
});
