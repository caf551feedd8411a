import { expect, it } from 'vitest';
import { noteQuantisation } from '../../../../src/backends/affine/lift/note-quantisation.js';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { valuesOf } from '../../../../src/ir/graph.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph, printType } from '../../../../src/ir/text/print.js';

it('tensors of integers with one scale bear it, and so do those that are moved', () => {
  const graph = parseGraph(
    `graph "g"
    input %x: int8[N,2]
    input %f: float32[N,2]
    const %s: float32[] = [0.5]
    const %z: int8[] = [3]
    const %u: uint8[] = [7]
    const %w: int8[2,2] = [1, 2, 3, 4]
    const %ws: float32[2] = [1, 2]
    const %wz: int8[2] = [0, 0]
    %t = Transpose(%x) {perm = [0, 1]}
    %d = DequantizeLinear(%t, %s, %z)
    %q = QuantizeLinear(%f, %s)
    %r = Flatten(%q)
    %wr = DequantizeLinear(%w, %ws, %wz) {axis = 1}
    %m = QLinearMatMul(%x, %s, %z, %w, %ws, %wz, %s, %u)
    output "d" = %d
    output "r" = %r
    output "wr" = %wr
    output "m" = %m`,
    OPERATORS,
  );
  noteQuantisation(new GraphEditor(graph));
  const types = Object.fromEntries([...valuesOf(graph)].map(({ name, type }) => [name, printType(type)]));
  expect(types).toMatchObject({
    x: 'int8[N,2]<0.5 s8 3>',
    t: 'int8[N,2]<0.5 s8 3>',
    d: 'float32[N,2]',
    q: 'uint8[N,2]<0.5 u8>',
    r: 'uint8[N,2]<0.5 u8>',
    w: 'int8[2,2]',
    m: 'uint8[N,2]<0.5 u8 7>',
  });
  expect(printGraph(parseGraph(printGraph(graph), OPERATORS))).toBe(printGraph(graph));
});
