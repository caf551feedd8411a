import { describe, expect, it } from 'vitest';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { bringsElements, isMover, movedInputs, movedTensors, MOVERS } from '../../../src/backends/split/movers.js';
import type { Node } from '../../../src/ir/graph.js';
import { sizeOf } from '../../../src/ir/shape.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { prepare } from '../../../src/runtime/executor.js';

const graphOf = (call: string) =>
  parseGraph(
    `graph "g"
    input %x: float32[1,4,6,6]
    input %z: float32[1,4,6,6]
    const %shape: int64[2] = [1, -1]
    const %grown: int64[4] = [3, 4, 6, 6]
    const %axes: int64[1] = [2]
    const %first: int64[1] = [0]
    const %starts: int64[1] = [1]
    const %ends: int64[1] = [4]
    const %index: int64[2] = [2, 0]
    const %pads: int64[8] = [0, 0, 1, 1, 0, 0, 1, 1]
    const %fill: float32[] = [7]
    const %part: float32[1,4,6,6] = splat 3
    const %scales: float32[4] = [1, 1, 2, 2]
    const %repeats: int64[4] = [1, 2, 1, 1]
    %y = ${call}
    output "y" = %y`,
    TINPU_OPERATORS,
  );

const CALLS = [
  'Flatten(%x) {axis = 1}',
  'Reshape(%x, %shape)',
  'Transpose(%x) {perm = [0, 2, 3, 1]}',
  'Squeeze(%x, %first)',
  'Unsqueeze(%x, %axes)',
  'Concat(%x, %z, %part) {axis = 1}',
  'Slice(%x, %starts, %ends, %axes)',
  'Pad(%x, %pads, %fill)',
  'Gather(%x, %index) {axis = 1}',
  'Expand(%x, %grown)',
  'Tile(%x, %repeats)',
  'DepthToSpace(%x) {blocksize = 2}',
  'SpaceToDepth(%x) {blocksize = 2}',
  'Resize(%x, _, %scales) {mode = "nearest"}',
  'MaxPool(%x) {kernel_shape = [2, 2]}',
  'GlobalMaxPool(%x)',
  'Max(%x, %z)',
  'Min(%x, %part)',
  'ReduceMax(%x, %axes)',
  'ReduceMin(%x, %axes)',
];

const nodeOf = (call: string): Node => {
  const node = graphOf(call).nodes.at(-1);
  if (node === undefined) throw new RangeError('no node');
  return node;
};

describe('MOVERS', () => {
  it('are all tried here', () => {
    expect(new Set(CALLS.map((call) => call.slice(0, call.indexOf('('))))).toEqual(new Set(MOVERS));
  });

  it.each(CALLS)('give elements of the inputs they are said to take them from: %s', (call) => {
    const graph = graphOf(call);
    const node = graph.nodes.at(-1);
    expect(node !== undefined && isMover(node)).toBe(true);
    // Different numbers in every input, so that an element tells where it is from.
    const feeds = new Map(
      graph.inputs.map(({ name, type: { shape } }, i) => {
        const dims = shape.map(Number);
        return [
          name,
          Tensor.float32(
            dims,
            Float32Array.from({ length: sizeOf(dims) }, (_, k) => 1000 * (i + 1) + k),
          ),
        ];
      }),
    );
    const given = new Set(
      (node === undefined ? [] : movedInputs(node)).flatMap(
        ({ name, constant }) => constant?.toNumbers() ?? feeds.get(name)?.toNumbers() ?? [],
      ),
    );
    const result = prepare(graph, TINPU_KERNELS).run(feeds).get('y')?.toNumbers() ?? [];
    expect(result.length).toBeGreaterThan(0);
    expect(result.filter((x) => !given.has(x))).toEqual([]);
  });
});

describe('isMover', () => {
  it.each([
    'Relu(%x)',
    'Add(%x, %z)',
    'AveragePool(%x) {kernel_shape = [2, 2]}',
    'Resize(%x, _, %scales) {mode = "linear"}',
    'Resize(%x, _, %scales) {mode = "cubic"}',
  ])('is false for %s', (call) => {
    expect(isMover(nodeOf(call))).toBe(false);
  });
});

describe('movedInputs and movedTensors', () => {
  it('leave out how it is done, and constants', () => {
    const names = (call: string): (readonly string[])[] =>
      [movedInputs, movedTensors].map((of) => of(nodeOf(call)).map(({ name }) => name));
    expect(names('Concat(%x, %part, %z) {axis = 1}')).toEqual([
      ['x', 'part', 'z'],
      ['x', 'z'],
    ]);
    expect(names('Pad(%x, %pads, %fill)')).toEqual([['x', 'fill'], ['x']]);
    expect(names('Pad(%x, %pads)')).toEqual([['x'], ['x']]);
    expect(names('Gather(%x, %index) {axis = 1}')).toEqual([['x'], ['x']]);
  });

  it('agree with the places of inputs', () => {
    expect([0, 1, 2].map((index) => bringsElements('Pad', index))).toEqual([true, false, true]);
    expect([0, 5].map((index) => bringsElements('Concat', index))).toEqual([true, true]);
    expect([0, 1].map((index) => bringsElements('Reshape', index))).toEqual([true, false]);
    expect(bringsElements('Conv', 0)).toBe(false);
  });
});
