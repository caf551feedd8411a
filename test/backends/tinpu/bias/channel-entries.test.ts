import { describe, expect, it } from 'vitest';
import { ChannelEntries } from '../../../../src/backends/tinpu/bias/channel-entries.js';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import type { Node } from '../../../../src/ir/graph.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const bnorm = (bias: string, scale = '1', shift = '3', grid = '<0.5 s8>'): Node => {
  const list = (name: string, items: string): string =>
    `const %${name}: int32[${items.split(',').length}] = [${items}]`;
  const graph = parseGraph(
    `graph "g"
    input %x: int8[N,2,1,2]
    const %w: int8[2,2,1,1] = [1, 2, 3, 4]
    ${list('bias', bias)}
    ${list('scale', scale)}
    ${list('shift', shift)}
    %sum = q.Conv(%x, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1}
    %y: int8[N,2,1,2]${grid} = q.Bnorm(%sum, %bias, %scale, %shift) {lo = -128, hi = 127}
    output "y" = %y`,
    TINPU_OPERATORS,
  );
  const node = graph.nodes.at(-1);
  if (node === undefined) throw new Error('no node');
  return node;
};
const sums = (batch: number, start: number): Tensor =>
  new Tensor(
    'int32',
    [batch, 2, 1, 2],
    Int32Array.from({ length: batch * 4 }, (_, i) => start + i),
  );
const reals = (batch: number, start: number): Tensor =>
  Tensor.float32(
    [batch, 2, 1, 2],
    Array.from({ length: batch * 4 }, (_, i) => start + i),
  );
const SUMS = [sums(2, 0), sums(1, 20)];
const REALS = [reals(2, 100), reals(1, 120)];

describe('ChannelEntries', () => {
  it('gives each channel its constants and its planes, batch after batch', () => {
    const entries = ChannelEntries.of(bnorm('7,-9', '1', '3,0'), SUMS, REALS);
    expect(entries?.count).toBe(2);
    expect(entries?.at(1)).toEqual({
      accumulators: Int32Array.of(2, 3, 6, 7, 22, 23),
      reals: Float32Array.of(102, 103, 106, 107, 122, 123),
      bias: -9,
      factor: 1,
      lo: -128,
      hi: 127,
      resultScale: 0.5,
    });
    expect(entries?.factorAt(0)).toBe(1 / 8);
  });

  it('keeps one entry where all constants serve all channels', () => {
    const entries = ChannelEntries.of(bnorm('7'), SUMS, REALS);
    expect(entries?.count).toBe(1);
    expect(entries?.at(0).accumulators).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23));
  });

  it('gives each channel a bias of its own where another constant differs between channels', () => {
    const entries = ChannelEntries.of(bnorm('7', '1', '3,4'), SUMS, REALS);
    expect(entries?.biases).toEqual(Int32Array.of(7, 7));
  });

  it.each([
    ['tensors of other sizes', bnorm('7'), [sums(2, 0)], [Tensor.float32([2, 4], [0, 1, 2, 3, 4, 5, 6, 7])]],
    ['a missing batch', bnorm('7'), SUMS, REALS.slice(1)],
    ['integers on the float side', bnorm('7'), SUMS, SUMS],
    ['a result of unknown scale', bnorm('7', '1', '3', ''), SUMS, REALS],
  ])('cannot compare %s', (_, node, accumulators, real) => {
    expect(ChannelEntries.of(node, accumulators, real)).toBeUndefined();
  });
});
