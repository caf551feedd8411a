import { describe, expect, it } from 'vitest';
import { compileModel } from '../../src/backends/compile-model.js';
import type { CompileResult } from '../../src/backends/options.js';
import { uniformSource } from '../../src/ir/random.js';
import { Tensor } from '../../src/ir/tensor.js';
import { floats, modelBytes, type ModelSpec, type NodeSpec, type TensorSpec } from '../support/onnx-builder.js';

/** Models that are legal, or nearly so, and that no trained network looks like. */

const uniform = (dims: readonly number[], seed: number): number[] => {
  const random = uniformSource(seed);
  return Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1);
};

const weights = (name: string, dims: readonly number[], seed: number): TensorSpec =>
  floats(name, dims, uniform(dims, seed));

const DATA = Tensor.float32([8, 4, 8, 8], Float32Array.from(uniform([8, 4, 8, 8], 9)));

/** Two pointwise convolutions, and between them what turns %r into %o. */
const between = (nodes: readonly NodeSpec[], initializers: readonly TensorSpec[] = []): ModelSpec => ({
  inputs: [{ name: 'x', shape: ['N', 4, 8, 8] }],
  outputs: [{ name: 'y' }],
  initializers: [weights('w', [4, 4, 1, 1], 1), weights('v', [4, 4, 1, 1], 2), ...initializers],
  nodes: [
    { op: 'Conv', name: 'first', inputs: ['x', 'w'], outputs: ['c'] },
    { op: 'Relu', name: 'relu', inputs: ['c'], outputs: ['r'] },
    ...nodes,
    { op: 'Conv', name: 'last', inputs: ['o', 'v'], outputs: ['y'] },
  ],
});

const compiled = (spec: ModelSpec, samples = DATA): Promise<CompileResult> =>
  compileModel(modelBytes(spec), { target: 'f28p55', samples });

describe('compileModel', () => {
  it.each([
    ['padding that does not count', { pads: { ints: [1, 1, 1, 1] }, strides: { ints: [2, 2] } }],
    ['windows that ceil_mode adds', { strides: { ints: [2, 2] }, ceil_mode: { int: 1 } }],
    [
      'padding that counts, and windows that ceil_mode adds',
      {
        pads: { ints: [1, 1, 0, 0] },
        strides: { ints: [2, 2] },
        ceil_mode: { int: 1 },
        count_include_pad: { int: 1 },
      },
    ],
  ])('computes an averaging pool between two layers as the model does: %s', async (_, attributes) => {
    const pool = { op: 'AveragePool', name: 'pool', inputs: ['r'], outputs: ['o'] };
    const { summary } = await compiled(
      between([{ ...pool, attributes: { kernel_shape: { ints: [3, 3] }, ...attributes } }]),
    );
    // Three roundings to 8 bits leave 36 dB and more; a border divided by the whole area left 16.
    expect(summary.accuracy?.sqnrDb).toBeGreaterThan(30);
  });

  it.each([
    ['NaN, 1', ['lo', 'hi'], NaN, 1],
    ['0, NaN', ['lo', 'hi'], 0, NaN],
  ])('refuses bounds of a Clip: %s', async (_, names, ...bounds) => {
    const clip = { op: 'Clip', name: 'clip', inputs: ['r', ...names], outputs: ['o'] };
    const constants = bounds.map((bound, i) => floats(names[i] ?? '', [], [bound]));
    await expect(compiled(between([clip], constants))).rejects.toThrow(/node 2 'clip' \(Clip\) .*holds NaN/);
  });

  it.each([
    ['channels of a convolution', ['N', 'C', 16, 1], 'Conv', [4, 1, 3, 1], [8, 1, 16, 1]],
    ['channels and map', ['N', 'C', 'H', 'W'], 'Conv', [4, 2, 3, 1], [8, 2, 16, 1]],
    ['features of a matrix product', ['N', 'F'], 'MatMul', [16, 4], [8, 16]],
  ])('takes sizes that only weights give: %s', async (_, shape, op, dims, sizes) => {
    const model = (known: readonly (number | string)[]): ModelSpec => ({
      inputs: [{ name: 'x', shape: known }],
      outputs: [{ name: 'y' }],
      initializers: [weights('w', dims, 3)],
      nodes: [
        { op, name: 'layer', inputs: ['x', 'w'], outputs: ['c'] },
        { op: 'Relu', name: 'relu', inputs: ['c'], outputs: ['y'] },
      ],
    });
    const samples = Tensor.float32(sizes, Float32Array.from(uniform(sizes, 5)));
    const open = await compiled(model(shape), samples);
    const closed = await compiled(model(['N', ...sizes.slice(1)]), samples);
    expect(open.summary.accuracy).toEqual(closed.summary.accuracy);
  });
});
