import { strFromU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../src/ir/tensor.js';
import type { GoldenVector, NamedTensor } from '../../../src/runtime/vectors/golden-vector.js';
import { writeJsonVectors } from '../../../src/runtime/vectors/write-json.js';
import { vector } from '../../support/golden-vector.js';

const floats = (name: string, dims: readonly number[], ...values: readonly number[]): NamedTensor => ({
  name,
  tensor: Tensor.float32(dims, values),
});
const byte = (name: string, value: number): NamedTensor => ({
  name,
  tensor: new Tensor('int8', [1], Int8Array.of(value)),
});
const textOf = (...vectors: readonly GoldenVector[]): string => strFromU8(writeJsonVectors(vectors));
const setsOf = (...vectors: readonly GoldenVector[]): unknown =>
  (JSON.parse(textOf(...vectors)) as { sets: unknown }).sets;

describe('writeJsonVectors', () => {
  it('has one input and one output under the conventional names, sets numbered from 0', () => {
    const one = vector({ inputs: [floats('x', [1], 0.5)], integers: [byte('x', 3)], outputs: [byte('y', -7)] });
    const told = { model_test_input: [0.5], input_q: [3], golden_output: [-7] };
    expect(setsOf(one, one)).toEqual([
      { set: 0, ...told },
      { set: 1, ...told },
    ]);
  });

  it('has several by the names of the model, and then no integers of inputs, which nothing would tell apart', () => {
    const pair = [byte('a"b', 1), byte('c', 2)];
    expect(setsOf(vector({ inputs: pair, integers: pair, outputs: pair, tensors: [byte('t', 3)] }))).toEqual([
      { set: 0, inputs: { 'a"b': [1], c: [2] }, outputs: { 'a"b': [1], c: [2] }, tensors: { t: [3] } },
    ]);
  });

  it.each<[readonly number[], unknown]>([
    [[], [1]],
    [[2], [1, 2]],
    [
      [2, 1],
      [[1], [2]],
    ],
    [
      [2, 3],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    [[1, 2, 1, 2], [[[[1, 2]], [[3, 4]]]]],
    [[0], []],
    [[0, 2], []],
    [
      [2, 0],
      [[], []],
    ],
    [[1, 2, 0, 3], [[[], []]]],
  ])('nests elements of dims %j', (dims, nested) => {
    const values = Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, i) => i + 1);
    expect(setsOf(vector({ outputs: [floats('y', dims, ...values)] }))).toEqual([{ set: 0, golden_output: nested }]);
  });

  it('writes float32 in few digits, float64 and integers of 64 bits in all', () => {
    const text = textOf(
      vector({
        tensors: [
          floats('single', [2], 0.1, 1 / 3),
          { name: 'double', tensor: new Tensor('float64', [1], Float64Array.of(1 / 3)) },
          { name: 'long', tensor: new Tensor('int64', [1], BigInt64Array.of(2n ** 62n + 1n)) },
        ],
      }),
    );
    // 1/3 in float32 is 0.3333333432674408, its neighbours 3e-8 away.
    expect(text).toContain('"single": [0.1, 0.33333334]');
    expect(text).toContain('"double": [0.3333333333333333]');
    expect(text).toContain('"long": [4611686018427387905]');
  });

  it('keeps the sign of zero', () => {
    expect(setsOf(vector({ outputs: [floats('y', [2], 0, -0)] }))).toEqual([{ set: 0, golden_output: [0, -0] }]);
  });

  it('writes what JSON has no number for as text', () => {
    expect(setsOf(vector({ outputs: [floats('y', [3], NaN, Infinity, -Infinity)] }))).toEqual([
      { set: 0, golden_output: ['NaN', 'Infinity', '-Infinity'] },
    ]);
  });
});
