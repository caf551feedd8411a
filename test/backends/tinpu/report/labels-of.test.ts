import { describe, expect, it } from 'vitest';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { labelsOf } from '../../../../src/backends/tinpu/report/labels-of.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';

const labelsIn = (behind: string): string[] => {
  const graph = parseGraph(
    `graph "g"
    input %s: int32[N,2]
    const %b: int32[1] = [0]
    const %one: int32[1] = [1]
    const %zero: float32[] = [0]
    %i: int8[N,2]<1 s8> = q.Bnorm(%s, %b, %one, %b) {lo = -128, hi = 127}
    ${behind}`,
    TINPU_OPERATORS,
  );
  const node = graph.nodes.find(({ op }) => op === 'Bnorm');
  return node === undefined ? [] : labelsOf(node);
};

describe('labelsOf', () => {
  it('is the label of the integers', () => {
    expect(labelsIn('output "i" = %i')).toEqual(['i']);
  });

  it('is that of the real numbers at an output and of the clipped integers as well', () => {
    expect(
      labelsIn(`%y = q.Dequantize(%i) {scale = 1.0}
      %c: int8[N,2]<1 s8> = q.Clip(%i) {lo = 0, hi = 100}
      output "y" = %y
      output "c" = %c`),
    ).toEqual(['i', 'y', 'c']);
  });

  it('is not that of what other operators compute', () => {
    expect(
      labelsIn(`%t = Transpose(%i) {perm = [1, 0]}
      output "t" = %t`),
    ).toEqual(['i']);
  });
});
