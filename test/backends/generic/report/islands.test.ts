import { describe, expect, it } from 'vitest';
import { gridOf } from '../../../../src/backends/generic/grids/grid.js';
import { quantiseGraph } from '../../../../src/backends/generic/quantise-graph.js';
import { islandsOf } from '../../../../src/backends/generic/report/islands.js';
import { splitGraph, type SplitOptions } from '../../../../src/backends/generic/split/points.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

/** Operators of each island, and the sources of the tensors on its borders. */
function islands(lines: string, options: SplitOptions = {}) {
  const float = parseGraph(
    `graph "g"
    input %x: float32[N,4]
    const %w: float32[4,4] = random 1
    const %v: float32[4,4] = random 2
    const %zero: float32[] = [0]
    ${lines}
    output "y" = %y`,
    OPERATORS,
  );
  const grid = gridOf({ min: -1, max: 4 }, options.activationBits === 4 ? 4 : 8);
  const quantised = quantiseGraph(float, splitGraph(float, options), { gridOf: () => grid, output: 'float' });
  return islandsOf(quantised).map(({ number, nodes, dequantised, quantised: made }) => ({
    number,
    operators: nodes.map(({ op }) => op),
    reads: [...dequantised].map(({ name }) => name),
    makes: [...made].map(({ name }) => name),
  }));
}

describe('islandsOf', () => {
  const between = '%a = Gemm(%x, %w)\n%s = Sin(%a)\n%t = Cos(%s)\n%y = Gemm(%t, %v)';

  it('is what lies between a dequantisation and a quantisation', () => {
    expect(islands(between)).toEqual([{ number: 1, operators: ['Sin', 'Cos'], reads: ['a'], makes: ['t/float'] }]);
  });

  it('takes the Clip in front of narrow integers for a part of the quantisation', () => {
    expect(islands(between, { activationBits: 4 })).toEqual([
      { number: 1, operators: ['Sin', 'Cos'], reads: ['a'], makes: ['t/float'] },
    ]);
  });

  it('keeps islands apart that pass no real numbers to one another', () => {
    const lines = '%s = Sin(%x)\n%a = Gemm(%s, %w)\n%y = Softmax(%a)';
    expect(islands(lines)).toEqual([
      { number: 1, operators: ['Sin'], reads: [], makes: ['s/float'] },
      { number: 2, operators: ['Softmax'], reads: ['a'], makes: [] },
    ]);
  });

  it('is none for layers alone', () => {
    expect(islands('%a = Gemm(%x, %w)\n%r = Clip(%a, %zero)\n%y = Gemm(%r, %v)')).toEqual([]);
  });
});
