import { describe, expect, it } from 'vitest';
import { Attributes } from '../../../src/ir/attributes.js';
import { concat } from '../../../src/ir/ops/concat.js';
import { resolveSlice, slice } from '../../../src/ir/ops/slice.js';
import { split } from '../../../src/ir/ops/split.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { inferenceTable } from '../../support/inference-table.js';
import { infer, integers, type Given } from '../../support/run-operator.js';

const concatAttrs = Attributes.of({ axis: 0 });
const x = (...shape: (number | string)[]): Given => ({ shape });
const INT64_MAX = new Tensor('int64', [1], BigInt64Array.of(2n ** 63n - 1n));
const INT64_MIN = new Tensor('int64', [1], BigInt64Array.of(-(2n ** 63n)));
const INT32_MAX = new Tensor('int32', [1], Int32Array.of(2 ** 31 - 1));

describe('resolveSlice', () => {
  it.each<[number, number, number, number, number[]]>([
    [5, 1, 4, 1, [1, 2, 3]],
    [5, -3, -1, 1, [2, 3]],
    [5, 0, 100, 2, [0, 2, 4]],
    [5, -100, 3, 1, [0, 1, 2]],
    [5, 3, 1, 1, []],
    [5, 4, 0, -1, [4, 3, 2, 1]],
    [5, 100, -100, -2, [4, 2, 0]],
    [5, -1, -6, -1, [4, 3, 2, 1, 0]],
    [5, 0, 0, -1, []],
    [5, 5, 9, 1, []],
    [0, 0, 9, 1, []],
    [0, -1, -9, -1, []],
    [1, 0, -9, -3, [0]],
  ])('of size %i, %i : %i : %i', (size, start, end, step, wanted) => {
    const walk = resolveSlice(size, start, end, step);
    expect(Array.from({ length: walk.count }, (_, i) => walk.start + i * walk.step)).toEqual(wanted);
  });
});

describe('Slice', () => {
  inferenceTable(slice, [
    { title: 'leading axes by default', inputs: [x(20, 10, 5), integers(0, 0), integers(3, 10)], gives: [3, 10, 5] },
    { title: 'named axes', inputs: [x(20, 10), integers(1), integers(-1), integers(-1)], gives: [20, 8] },
    { title: 'steps', inputs: [x(20, 10), integers(9), integers(-11), integers(1), integers(-2)], gives: [20, 5] },
    {
      title: 'axes left out, steps given',
      inputs: [x(10), integers(0), integers(9), undefined, integers(4)],
      gives: [3],
    },
    { title: 'INT64_MAX', inputs: [x(20, 'N'), integers(2), INT64_MAX, integers(0)], gives: [18, 'N'] },
    { title: 'a whole symbolic axis', inputs: [x('N', 4), integers(0), INT64_MAX], gives: ['N', 4] },
    { title: 'a whole symbolic axis up to INT32_MAX', inputs: [x('N', 4), integers(0), INT32_MAX], gives: ['N', 4] },
    { title: 'a symbolic axis up to its size', inputs: [x('N', 4), integers(0), integers('N')], gives: ['N', 4] },
    {
      title: 'a reversed symbolic axis',
      inputs: [x('N'), integers(-1), INT64_MIN, integers(0), integers(-1)],
      gives: ['N'],
    },
    { title: 'the last of a symbolic axis', inputs: [x('N', 4), integers(-1), INT64_MAX], gives: [1, 4] },
    { title: 'the first of a symbolic axis', inputs: [x('N', 4), integers(0), integers(1)], gives: [1, 4] },
    { title: 'part of a symbolic axis', inputs: [x('N', 4), integers(1), INT64_MAX], gives: ['?1', 4] },
    { title: 'an empty part of a symbolic axis', inputs: [x('N', 4), integers(3), integers(2)], gives: [0, 4] },
    { title: 'a known axis up to a symbol', inputs: [x(9, 4), integers(0), integers('N')], gives: ['?1', 4] },
    { title: 'unknown bounds', inputs: [x(9, 4), integers(0), { dtype: 'int64', shape: [1] }], gives: ['?1', 4] },
    {
      title: 'unknown axes',
      inputs: [x(9, 4), integers(0), integers(1), { dtype: 'int64', shape: [1] }],
      gives: ['?1', '?2'],
    },
    {
      title: 'contents',
      inputs: [integers('N', 3, 'H', 'W'), integers(2), INT64_MAX],
      gives: [2],
      contents: ['H', 'W'],
    },
    {
      title: 'contents backwards',
      inputs: [integers('N', 3, 'H'), integers(-1), INT64_MIN, integers(0), integers(-1)],
      gives: [3],
      contents: ['H', 3, 'N'],
    },
    { title: 'no axes at all', inputs: [integers('N', 3), integers(), integers()], gives: [2], contents: ['N', 3] },
    {
      title: 'step 0',
      inputs: [x(9), integers(0), integers(1), integers(0), integers(0)],
      fault: ['invalid-input', '0'],
    },
    {
      title: 'an axis twice',
      inputs: [x(9, 9), integers(0, 0), integers(1, 1), integers(1, -1)],
      fault: ['invalid-attribute', 'once'],
    },
    {
      title: 'lists of different lengths',
      inputs: [x(9, 9), integers(0, 0), integers(1)],
      fault: ['shape-mismatch', '2, 1'],
    },
    {
      title: 'more axes than there are',
      inputs: [x(9), integers(0, 0), integers(1, 1)],
      fault: ['shape-mismatch', '2 axes'],
    },
    {
      title: 'axis out of range',
      inputs: [x(9), integers(0), integers(1), integers(1)],
      fault: ['invalid-attribute', '-1 to 0'],
    },
    { title: 'float bounds', inputs: [x(9), x(1), x(1)], fault: ['unsupported-type', 'float32'] },
  ]);
});

describe('Split', () => {
  inferenceTable(split, [
    {
      title: 'equal parts',
      inputs: [x(2, 6)],
      attrs: { axis: 1, num_outputs: 2 },
      outputs: 2,
      gives: [
        [2, 3],
        [2, 3],
      ],
    },
    { title: 'a smaller last part', inputs: [x(7)], attrs: { num_outputs: 3 }, outputs: 3, gives: [[3], [3], [1]] },
    { title: 'the number of outputs decides', inputs: [x(6)], outputs: 3, gives: [[2], [2], [2]] },
    {
      title: 'sizes',
      inputs: [x(6, 2), integers(1, 5)],
      outputs: 2,
      gives: [
        [1, 2],
        [5, 2],
      ],
    },
    { title: 'an empty part', inputs: [x(0), integers(0, 0)], outputs: 2, gives: [[0], [0]] },
    {
      title: 'negative axis',
      inputs: [x(2, 6), integers(2, 4)],
      attrs: { axis: -1 },
      outputs: 2,
      gives: [
        [2, 2],
        [2, 4],
      ],
    },
    { title: 'one part of a symbol', inputs: [x('N')], outputs: 1, gives: [['N']] },
    { title: 'parts of a symbol', inputs: [x('N')], outputs: 3, gives: [['?1'], ['?1'], ['?2']] },
    { title: 'sizes of a symbol', inputs: [x('N'), integers(1, 'M')], outputs: 2, gives: [[1], ['M']] },
    { title: 'unknown sizes', inputs: [x(6), { dtype: 'int64', shape: [2] }], outputs: 2, gives: [['?1'], ['?2']] },
    {
      title: 'sizes that do not add up',
      inputs: [x(6), integers(1, 4)],
      outputs: 2,
      fault: ['shape-mismatch', 'add up to 5'],
    },
    { title: 'negative size', inputs: [x(6), integers(-1, 7)], outputs: 2, fault: ['invalid-input', '-1, 7'] },
    { title: 'too few sizes', inputs: [x(6), integers(6)], outputs: 2, fault: ['shape-mismatch', '1 sizes for 2'] },
    {
      title: 'num_outputs beside sizes',
      inputs: [x(6), integers(6)],
      attrs: { num_outputs: 1 },
      fault: ['invalid-attribute', 'both'],
    },
    {
      title: 'num_outputs off',
      inputs: [x(6)],
      attrs: { num_outputs: 3 },
      outputs: 2,
      fault: ['invalid-attribute', 'is 3'],
    },
    { title: 'parts that overrun', inputs: [x(5)], outputs: 4, fault: ['shape-mismatch', '4 parts of 2'] },
    { title: 'a scalar', inputs: [x()], outputs: 1, fault: ['invalid-attribute', 'scalar'] },
  ]);

  it('cuts contents', () => {
    const results = infer(split, [integers('N', 3, 'H', 'W'), integers(1, 3)], {}, 2);
    expect(results.map(({ contents }) => contents)).toEqual([['N'], [3, 'H', 'W']]);
  });
});

describe('Concat', () => {
  inferenceTable(concat, [
    { title: 'adds up', inputs: [x(2, 3), x(2, 4)], attrs: { axis: 1 }, gives: [2, 7] },
    { title: 'negative axis', inputs: [x(2, 3), x(5, 3)], attrs: { axis: -2 }, gives: [7, 3] },
    { title: 'one input', inputs: [x('N', 3)], attrs: { axis: 0 }, gives: ['N', 3] },
    { title: 'known sizes win over symbols', inputs: [x('N', 3), x(2, 4)], attrs: { axis: 1 }, gives: [2, 7] },
    { title: 'a symbol beside nothing', inputs: [x('N'), x(0)], attrs: { axis: 0 }, gives: ['N'] },
    { title: 'a symbol beside something', inputs: [x('N'), x(1)], attrs: { axis: 0 }, gives: ['?1'] },
    {
      title: 'contents',
      inputs: [integers('N'), integers(3, -1)],
      attrs: { axis: 0 },
      gives: [3],
      contents: ['N', 3, -1],
    },
    {
      title: 'partly known contents',
      inputs: [integers('N'), { dtype: 'int64', shape: [1] }],
      attrs: { axis: 0 },
      gives: [2],
    },
    {
      title: 'other sizes differ',
      inputs: [x(2, 3), x(3, 3)],
      attrs: { axis: 1 },
      fault: ['shape-mismatch', 'input 1'],
    },
    { title: 'ranks differ', inputs: [x(2, 3), x(2)], attrs: { axis: 0 }, fault: ['shape-mismatch', 'input 1'] },
    { title: 'types differ', inputs: [x(2), integers(1, 2)], attrs: { axis: 0 }, fault: ['unsupported-type', 'int64'] },
    { title: 'axis missing', inputs: [x(2)], fault: ['invalid-attribute', 'axis'] },
    { title: 'axis out of range', inputs: [x(2)], attrs: { axis: 1 }, fault: ['invalid-attribute', '-1 to 0'] },
    { title: 'an input left out', inputs: [x(2), undefined], attrs: { axis: 0 }, fault: ['invalid-input', 'input 1'] },
  ]);

  it('keeps a quantisation that all inputs share', () => {
    const type = (scale: number) => ({
      dtype: 'int8' as const,
      shape: [2],
      quantisation: { scale, bits: 8, signed: true },
    });
    const call = (scales: readonly number[]) =>
      concat.infer({
        op: 'Concat',
        attrs: concatAttrs,
        inputs: scales.map((scale) => ({ type: type(scale), constant: undefined, contents: undefined })),
        outputCount: 1,
        freshDim: () => '?',
      });
    expect(call([0.5, 0.5])[0]?.type.quantisation?.scale).toBe(0.5);
    expect(call([0.5, 0.25])[0]?.type.quantisation).toBeUndefined();
  });
});
