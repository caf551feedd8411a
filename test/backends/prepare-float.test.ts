import { describe, expect, it } from 'vitest';
import { prepareFloat } from '../../src/backends/prepare-float.js';
import type { Graph } from '../../src/ir/graph.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { printGraph } from '../../src/ir/text/print.js';
import type { Pipeline } from '../../src/passes/pass.js';
import { findSurgery } from '../../src/passes/surgery/table.js';

const source = () =>
  parseGraph(
    `graph "g"
    input %x: float32[N,4]
    %i = Identity(%x)
    %r = Relu(%i)
    %y = Sigmoid(%r)
    output "y" = %y`,
    OPERATORS,
  );

const operatorsOf = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op);

function prepare(graph: Graph, surgery: Parameters<typeof prepareFloat>[1], pipelines: readonly Pipeline[] = []) {
  const codes: string[] = [];
  const prepared = prepareFloat(graph, surgery, pipelines, {
    verify: true,
    report: ({ code }) => void codes.push(code),
  });
  return { prepared, codes };
}

describe('prepareFloat', () => {
  it('makes a canonical copy, and leaves the graph as it was imported', () => {
    const graph = source();
    const { prepared, codes } = prepare(graph, undefined);
    expect(operatorsOf(prepared)).toEqual(['Clip', 'Sigmoid']);
    expect(codes).toEqual([]);
    expect(printGraph(graph)).toBe(printGraph(source()));
  });

  it('replaces what it is asked to, and makes what stands in its place canonical', () => {
    const entry = findSurgery('leaky-relu') ?? expect.fail('no such entry');
    const graph = parseGraph(
      `graph "g"
      input %x: float32[N,4]
      %y = LeakyRelu(%x) {alpha = 0.1}
      output "y" = %y`,
      OPERATORS,
    );
    expect(operatorsOf(prepare(graph, undefined).prepared)).toEqual(['LeakyRelu']);
    const { prepared, codes } = prepare(graph, [entry]);
    expect(operatorsOf(prepared)).toEqual(['Clip']);
    expect(codes).toHaveLength(1);
  });

  it('hands the canonical graph to the pipelines in order', () => {
    const seen: string[] = [];
    const pipeline = (name: string): Pipeline => ({
      name,
      steps: [
        { because: name, pass: { name, run: ({ graph }) => void seen.push(`${name}: ${operatorsOf(graph).join()}`) } },
      ],
    });
    prepare(source(), undefined, [pipeline('first'), pipeline('second')]);
    expect(seen).toEqual(['first: Clip,Sigmoid', 'second: Clip,Sigmoid']);
  });

  it('keeps an affine map of the input for the input sequence', () => {
    const { prepared } = prepare(
      parseGraph(
        `graph "g"
        input %x: float32[N,1,4,4]
        const %g: float32[1] = [2]
        const %b: float32[1] = [1]
        const %w: float32[1,1,1,1] = [3]
        %n = BatchNormalization(%x, %g, %b, %b, %g)
        %y = Conv(%n, %w)
        output "y" = %y`,
        OPERATORS,
      ),
      undefined,
    );
    expect(operatorsOf(prepared)).toEqual(['BatchNormalization', 'Conv']);
  });
});
