import { describe, expect, it } from 'vitest';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph } from '../../../../src/ir/text/print.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { dropOutputDequantize } from '../../../../src/backends/tinpu/lower/drop-output-dequantize.js';
import { randomFeeds, runGraph } from '../../../support/random-runs.js';

const run = (text: string) => {
  const graph = parseGraph(text, TINPU_OPERATORS);
  const context = { operators: TINPU_OPERATORS, kernels: TINPU_KERNELS, report: () => undefined };
  dropOutputDequantize.run(new GraphEditor(graph), context);
  expect(verifyGraph(graph, TINPU_OPERATORS)).toEqual([]);
  return graph;
};
const canonical = (text: string): string => printGraph(parseGraph(text, TINPU_OPERATORS));

const HEAD = `graph "g"
  input %x: int8[N,4]
  const %w: int8[4,2] = [1, -2, 3, 4, 5, 6, -7, 8]
  const %bias: int32[1] = [0]
  const %scale: int32[1] = [1]
  const %shift: int32[1] = [0]
  %sum = q.MatMul(%x, %w) "fc" @[0 "fc" "Gemm"]
  %y: int8[N,2]<0.25 s8> = q.Bnorm(%sum, %bias, %scale, %shift) {lo = -128, hi = 127} "fc" @[0 "fc" "Gemm"]`;

describe('drop-output-dequantize', () => {
  const before = `${HEAD}
    %r = q.Dequantize(%y) {scale = 0.25} "fc"
    output "first" = %r
    output "second" = %r`;

  it('delivers the integers at every output', () => {
    const after = `${HEAD}
      output "first" = %y
      output "second" = %y`;
    expect(printGraph(run(before))).toBe(canonical(after));
  });

  it('keeps the real numbers that others read', () => {
    const read = `${before}
      %z = Softmax(%r) {axis = 1} "softmax"
      output "z" = %z`;
    const after = `${HEAD}
      %r = q.Dequantize(%y) {scale = 0.25} "fc"
      %z = Softmax(%r) {axis = 1} "softmax"
      output "first" = %y
      output "second" = %y
      output "z" = %z`;
    const graph = run(read);
    expect(graph.outputs.map(({ name, value }) => `${name}: ${value.name}`)).toEqual(['first: y', 'second: y', 'z: z']);
    expect(printGraph(graph)).toBe(canonical(after));
  });

  it('delivers integers that stand for the real numbers', () => {
    const feeds = randomFeeds(parseGraph(before, TINPU_OPERATORS), 1, { ranges: { x: [-9, 9] } });
    const real = runGraph(parseGraph(before, TINPU_OPERATORS), TINPU_KERNELS, feeds).get('first')?.toNumbers();
    const integers = runGraph(run(before), TINPU_KERNELS, feeds).get('first')?.toNumbers();
    expect(integers?.map((item) => item * 0.25)).toEqual(real);
    expect(new Set(real).size).toBeGreaterThan(2);
  });

  it('leaves outputs alone that are no dequantised integers', () => {
    const other = `graph "g"
      input %x: float32[N,4]
      %y = Softmax(%x) {axis = 1}
      output "x" = %x
      output "y" = %y`;
    expect(printGraph(run(other))).toBe(canonical(other));
  });
});
