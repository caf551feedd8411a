import { describe, expect, it } from 'vitest';
import { Tensor } from '../../../src/ir/tensor.js';
import { decodeNpz } from '../../../src/runtime/formats/npz.js';
import type { GoldenVector } from '../../../src/runtime/vectors/golden-vector.js';
import { writeNpzVectors } from '../../../src/runtime/vectors/write-npz.js';
import { vector } from '../../support/golden-vector.js';

const arraysOf = (...vectors: readonly GoldenVector[]): unknown =>
  [...decodeNpz(writeNpzVectors(vectors))].map(([name, { dtype, dims, data }]) => [
    name,
    dtype,
    dims,
    Array.from<number | bigint>(data as Iterable<number | bigint>),
  ]);

describe('writeNpzVectors', () => {
  it('stacks vectors along axis 0, whatever the batch of each is', () => {
    const of = (...values: readonly number[]): GoldenVector =>
      vector({ inputs: [{ name: 'x', tensor: Tensor.float32([2, 1], values) }] });
    expect(arraysOf(of(1, 2), of(3, 4), of(5, 6))).toEqual([['x', 'float32', [6, 1], [1, 2, 3, 4, 5, 6]]]);
  });

  it('makes scalars a list, and keeps integers of 64 bits whole', () => {
    const of = (value: bigint): GoldenVector =>
      vector({ tensors: [{ name: 't', tensor: new Tensor('int64', [], BigInt64Array.of(value)) }] });
    expect(arraysOf(of(2n ** 62n + 1n), of(-1n))).toEqual([['t', 'int64', [2], [2n ** 62n + 1n, -1n]]]);
  });

  it('has under the name of an output the output, and not the tensor', () => {
    const float = Tensor.float32([1], [0.5]);
    const integer = new Tensor('int8', [1], Int8Array.of(4));
    const one = vector({
      outputs: [{ name: 'y', tensor: float }],
      tensors: [
        { name: 'y', tensor: integer },
        { name: 'q', tensor: integer },
      ],
    });
    expect(arraysOf(one)).toEqual([
      ['y', 'float32', [1], [0.5]],
      ['q', 'int8', [1], [4]],
    ]);
  });

  it('has an output that is called as an input is by its number', () => {
    const named = (name: string, value: number): GoldenVector['inputs'][number] => ({
      name,
      tensor: Tensor.float32([1], [value]),
    });
    const one = vector({ inputs: [named('x', 1)], outputs: [named('y', 2), named('x', 1)] });
    expect(arraysOf(one, one)).toEqual([
      ['x', 'float32', [2], [1, 1]],
      ['y', 'float32', [2], [2, 2]],
      ['golden_output_1', 'float32', [2], [1, 1]],
    ]);
  });

  it('refuses what has another shape in another vector', () => {
    const of = (...dims: readonly number[]): GoldenVector =>
      vector({ outputs: [{ name: 'y', tensor: Tensor.zeros('float32', dims) }] });
    expect(() => writeNpzVectors([of(1, 4), of(1, 3)])).toThrow("'y' has another shape in other vectors");
    expect(() => writeNpzVectors([of(1, 4), of(4, 1)])).toThrow("'y' has another shape in other vectors");
  });
});
