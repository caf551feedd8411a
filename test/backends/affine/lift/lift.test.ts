import { describe, expect, it } from 'vitest';
import { AFFINE_KERNELS, AFFINE_OPERATORS } from '../../../../src/backends/affine/dialect.js';
import { liftAffine } from '../../../../src/backends/affine/lift/lift.js';
import { opName, valuesOf, type Graph } from '../../../../src/ir/graph.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph } from '../../../../src/ir/text/print.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import { Trace } from '../../../../src/passes/trace.js';
import { randomFeeds, runGraph } from '../../../support/random-runs.js';

const SCALES = `const %s: float32[] = [0.5]
    const %h: float32[] = [0.25]
    const %z: int8[] = [3]
    const %wz: int8[] = [0]`;

/** All scales are powers of two: in float32 nothing rounds but the quantisation. */
const lifted = (text: string): { readonly source: Graph; readonly graph: Graph } => {
  const source = parseGraph(text, OPERATORS);
  const before = printGraph(source);
  const graph = liftAffine(source);
  expect(printGraph(source)).toBe(before);
  expect(verifyGraph(graph, AFFINE_OPERATORS)).toEqual([]);
  for (const seed of [0, 1, 2]) {
    const feeds = randomFeeds(source, seed, { ranges: { x: [-128, 128], f: [-40, 40] } });
    expect(runGraph(graph, AFFINE_KERNELS, feeds)).toEqual(runGraph(source, AFFINE_KERNELS, feeds));
  }
  return { source, graph };
};

const ops = ({ nodes }: Graph): string[] => nodes.map(opName);

describe('liftAffine', () => {
  it('takes one shared DequantizeLinear and one for each reader alike', () => {
    const model = (second: string): string => `graph "g"
    input %x: int8[N,2,5]
    ${SCALES}
    const %w: int8[2,2,1] = [1, -2, 3, 4]
    %wr = DequantizeLinear(%w, %h, %wz)
    %d = DequantizeLinear(%x, %s, %z)
    ${second === '%e' ? '%e = DequantizeLinear(%x, %s, %z)' : ''}
    %c = Conv(%d, %wr)
    %q = QuantizeLinear(%c, %s, %z)
    %cr = DequantizeLinear(%q, %s, %z)
    %a = Add(%cr, ${second})
    %y = QuantizeLinear(%a, %h, %wz)
    output "y" = %y`;
    const wanted = ['qa.Conv', 'qa.Requantize', 'qa.Add'];
    expect(ops(lifted(model('%d')).graph)).toEqual(wanted);
    expect(ops(lifted(model('%e')).graph)).toEqual(wanted);
  });

  it('reads weights kept as floats behind a pair, transposed as Keras has them', () => {
    const { graph } = lifted(`graph "g"
    input %x: float32[N,5,2]
    ${SCALES}
    const %w: float32[1,2,2] = [0.25, -0.5, 0.75, 100]
    const %ws: float32[2] = [0.25, 0.5]
    const %zz: int8[2] = [0, 0]
    %q = QuantizeLinear(%x, %s, %z)
    %d = DequantizeLinear(%q, %s, %z)
    %t = Transpose(%d) {perm = [0, 2, 1]}
    %wq = QuantizeLinear(%w, %ws, %zz) {axis = 2}
    %wr = DequantizeLinear(%wq, %ws, %zz) {axis = 2}
    %wt = Transpose(%wr) {perm = [2, 1, 0]}
    %c = Conv(%t, %wt)
    %r = Relu(%c)
    %u = Transpose(%r) {perm = [0, 2, 1]}
    %y = QuantizeLinear(%u, %h, %wz)
    %o = DequantizeLinear(%y, %h, %wz)
    output "o" = %o`);
    const wanted = ['QuantizeLinear', 'Transpose', 'qa.Conv', 'qa.Requantize', 'Transpose', 'DequantizeLinear'];
    expect(ops(graph)).toEqual(wanted);
  });

  it('keeps the labels of the integers in the file', () => {
    const { source, graph } = lifted(`graph "g"
    input %x: int8[N,4]
    ${SCALES}
    %d = DequantizeLinear(%x, %s, %z)
    %a, %b = Split(%d) {axis = 1}
    %aq = QuantizeLinear(%a, %s, %z)
    %ar = DequantizeLinear(%aq, %s, %z)
    %m = Mul(%ar, %b)
    %mq = QuantizeLinear(%m, %s, %z)
    %mr = DequantizeLinear(%mq, %s, %z)
    %l = LeakyRelu(%mr) {alpha = 0.5}
    %lq = QuantizeLinear(%l, %h, %z)
    output "y" = %lq`);
    expect(ops(graph).sort()).toEqual(['Slice', 'Slice', 'qa.Mul', 'qa.Table']);
    const labels = new Set([...valuesOf(graph)].map(({ name }) => name));
    const integers = [...valuesOf(source)].filter(({ producer }) => producer?.op === 'QuantizeLinear');
    for (const { name } of integers) expect(labels).toContain(name);
  });

  it('leaves float what has no integer form, and says what stood in the way', () => {
    const text = `graph "g"
    input %x: int8[N,4]
    input %f: float32[]
    ${SCALES}
    const %w: int8[4,2] = [1, 2, 3, 4, 5, 6, 7, 8]
    %d = DequantizeLinear(%x, %s, %z)
    %wr = DequantizeLinear(%w, %h, %wz)
    %c = MatMul(%d, %wr)
    %e = Abs(%f)
    %q = QuantizeLinear(%c, %e, %z)
    %g = Softmax(%d)
    %k = QuantizeLinear(%g, %h, %z)
    output "q" = %q
    output "k" = %k`;
    const { source, graph } = lifted(text);
    expect(ops(graph)).toEqual(ops(source));
    const layered = new Trace();
    liftAffine(
      parseGraph(
        text
          .replace('Abs(%f)', 'Identity(%h)')
          .replace('int8[4,2]', 'int32[4,2]')
          .replace('%wr = DequantizeLinear(%w, %h, %wz)', '%wr = DequantizeLinear(%w, %h)'),
        OPERATORS,
      ),
      layered,
    );
    expect(layered.nearMisses.map(({ reason }) => reason)).toContain('the weights are int32');
  });
});
