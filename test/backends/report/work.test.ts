import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { constantCost, workOf } from '../../../src/backends/report/work.js';
import type { Node } from '../../../src/ir/graph.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

function nodeOf(call: string): Node {
  const graph = parseGraph(
    `graph "g"
    input %q: int8[N,4,6,6]
    input %r: int8[N,4,6,6]
    input %x: float32[N,4,6,6]
    input %row: int8[N,8]
    const %k: int8[5,4,3,3] = splat 1
    const %d: int8[4,1,3,3] = splat 1
    const %t: int8[4,2,2,2] = splat 1
    const %m: int4[8,3] = splat 1
    const %c: float32[4,1,1] = random 1
    const %axes: int64[2] = [2, 3]
    const %part: int8[1,2,6,6] = splat 1
    const %one: float32[] = [1]
    const %zero: int32[] = [0]
    %y = ${call}
    output "y" = %y`,
    TINPU_OPERATORS,
  );
  const node = graph.nodes.at(-1);
  if (node === undefined) throw new RangeError('no node');
  return node;
}

const CONV = '{strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1]';

describe('workOf', () => {
  it.each([
    ['every product of a convolution', `q.Conv(%q, %k) ${CONV}, group = 1}`, 5 * 16 * 4 * 9, undefined],
    ['of a depthwise one', `q.Conv(%q, %d) ${CONV}, group = 4}`, 4 * 16 * 9, undefined],
    ['of a matrix', 'q.MatMul(%row, %m)', 24, undefined],
    ['what a window compares', 'MaxPool(%q) {kernel_shape = [2, 3], strides = [1, 1]}', 0, 4 * 5 * 4 * 6],
    ['what a sum reads', 'q.GlobalSum(%q)', 0, 144],
    ['what a reduction reads', 'ReduceMax(%q, %axes)', 0, 144],
    ['what a sum of two writes', 'q.Add(%q, %r) {lo = -128, hi = 127}', 0, 144],
    ['what a function writes', 'Sigmoid(%x)', 0, 144],
    ['what a concatenation writes', 'Concat(%q, %r) {axis = 1}', 0, 288],
  ] as const)('counts %s', (_, call, macs, operations) => {
    expect(workOf(nodeOf(call), () => 1)).toEqual({ macs, operations: operations ?? macs });
  });

  it('counts rows that belong to one sample', () => {
    expect(workOf(nodeOf('q.MatMul(%row, %m)'), () => 10)).toEqual({ macs: 240, operations: 240 });
    expect(workOf(nodeOf('Sigmoid(%x)'), () => 3)).toEqual({ macs: 0, operations: 432 });
  });
});

describe('constantCost', () => {
  it('is that of the numbers an operator reads, as wide as they are', () => {
    expect(constantCost(nodeOf('Mul(%x, %c)'))).toEqual({ bits: 32, count: 4, bytes: 16 });
    expect(constantCost(nodeOf('Concat(%q, %part, %part) {axis = 1}'))).toEqual({ bits: 8, count: 144, bytes: 144 });
  });

  it('leaves axes out, and the few numbers of an input sequence', () => {
    const free = { bits: null, count: 0, bytes: 0 };
    expect(constantCost(nodeOf('ReduceMax(%q, %axes)'))).toEqual(free);
    expect(constantCost(nodeOf('q.InputNorm(%x, %one, %one, %zero) {lo = -128, hi = 127}'))).toEqual(free);
    expect(constantCost(nodeOf('Sigmoid(%x)'))).toEqual(free);
  });
});
