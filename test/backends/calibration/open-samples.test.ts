import { describe, expect, it } from 'vitest';
import { openSamples } from '../../../src/backends/calibration/open-samples.js';
import type { Diagnostic } from '../../../src/ir/diagnostics.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { syntheticSamples } from '../../../src/passes/calibration/synthetic.js';
import { collect, elementsOf } from '../../support/samples.js';

/** A 1×1 convolution of ten channels to one over a square map: 10 · side² multiply-accumulates. */
const network = (side: number) =>
  parseGraph(
    `graph "g"
    input %x: float32[N,10,${side},${side}]
    const %w: float32[1,10,1,1] = splat 1
    %y = Conv(%x, %w)
    output "y" = %y`,
    OPERATORS,
  );

async function open(graph: ReturnType<typeof network>, samples?: Parameters<typeof openSamples>[1]['samples']) {
  const codes: string[] = [];
  const source = await openSamples(graph, { samples }, ({ code }: Diagnostic) => void codes.push(code));
  return { source, codes };
}

describe('openSamples', () => {
  it('opens the data that are given for the inputs of the graph, and has nothing to say', async () => {
    const graph = network(2);
    const given = syntheticSamples(graph.inputs, { count: 3 });
    const { source, codes } = await open(graph, (inputs) => {
      expect(inputs).toBe(graph.inputs);
      return Promise.resolve(given);
    });
    expect(source).toBe(given);
    expect(codes).toEqual([]);
  });

  it('makes 64 samples up, the same every time, with a warning', async () => {
    const [first, second] = await Promise.all([open(network(2)), open(network(2))]);
    expect(first.codes).toEqual(['synthetic-calibration']);
    expect(first.source.count).toBe(64);
    const elements = elementsOf(await collect(first.source), 'x');
    expect(elements).toHaveLength(64 * 10 * 4);
    expect(elementsOf(await collect(second.source), 'x')).toEqual(elements);
  });

  it('makes up fewer for a model that takes long to run', async () => {
    // 2e9 multiply-accumulates, 1e8 at a time.
    expect((await open(network(3162))).source.count).toBe(20);
  });
});
