import { describe, expect, it } from 'vitest';
import { rowsPerSample } from '../../../src/backends/report/rows.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';

describe('rowsPerSample', () => {
  it('follows rows into the batch, through layers, and out of it', () => {
    const graph = parseGraph(
      `graph "g"
input %x: float32[N,10,16]
const %rows: int64[2] = [-1, 16]
const %back: int64[3] = [-1, 10, 4]
const %w: float32[16,4] = splat 1
%merged = Reshape(%x, %rows)
%product = Gemm(%merged, %w)
%split = Reshape(%product, %back)
%flat = Flatten(%split) {axis = 1}
output "y" = %flat`,
      OPERATORS,
    );
    const rows = rowsPerSample(graph);
    expect([...rows].map(([{ name }, count]) => [name, count])).toEqual([
      ['x', 1],
      ['merged', 10],
      ['product', 10],
      ['split', 1],
      ['flat', 1],
    ]);
  });
});
