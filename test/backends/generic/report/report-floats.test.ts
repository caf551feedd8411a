import { describe, expect, it } from 'vitest';
import { reportFloats } from '../../../../src/backends/generic/report/report-floats.js';
import { splitGraph } from '../../../../src/backends/generic/split/points.js';
import type { Diagnostic } from '../../../../src/ir/diagnostics.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

function reported(lines: string): Diagnostic[] {
  const graph = parseGraph(
    `graph "g"
    input %x: float32[N,4]
    const %w: float32[4,4] = random 1
    const %zero: float32[] = [0]
    ${lines}
    output "y" = %y`,
    OPERATORS,
  );
  const found: Diagnostic[] = [];
  reportFloats(graph, splitGraph(graph), (diagnostic) => void found.push(diagnostic));
  return found;
}

describe('reportFloats', () => {
  it('says which operator stays in float, where it is in the source, and why', () => {
    expect(reported('%a = Gemm(%x, %w)\n%y = Softmax(%a) "sm" @[4 "probabilities" "Softmax"]')).toEqual([
      {
        code: 'stays-float',
        severity: 'info',
        message: "'probabilities' (Softmax) stays in float: Softmax has no integer form",
        at: { nodeIndex: 4, node: 'probabilities', op: 'Softmax' },
      },
    ]);
  });

  it('blames the neighbours of what could be integers', () => {
    const messages = reported('%a = Sin(%x) "a"\n%b = Add(%a, %x) "b"\n%y = Sin(%b) "c"').map(({ message }) => message);
    expect(messages).toEqual([
      "'a' (Sin) stays in float: Sin has no integer form",
      "'b' (Add) stays in float: what it is connected with computes on real numbers",
      "'c' (Sin) stays in float: Sin has no integer form",
    ]);
  });

  it.each([
    ['layers, and Clips that belong to them', '%a = Gemm(%x, %w)\n%y = Clip(%a, %zero)'],
    ['what moves elements', '%a = Gemm(%x, %w)\n%y = Transpose(%a) {perm = [1, 0]}'],
  ])('says nothing of %s', (_, lines) => {
    expect(reported(lines)).toEqual([]);
  });
});
