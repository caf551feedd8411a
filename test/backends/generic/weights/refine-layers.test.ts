import { describe, expect, it } from 'vitest';
import { gridOf } from '../../../../src/backends/generic/grids/grid.js';
import { quantiseGraph, type QuantisedGraph } from '../../../../src/backends/generic/quantise-graph.js';
import { splitGraph } from '../../../../src/backends/generic/split/points.js';
import { refineLayers } from '../../../../src/backends/generic/weights/refine-layers.js';
import type { Graph } from '../../../../src/ir/graph.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { verifyGraph } from '../../../../src/ir/verify.js';
import type { SampleSource } from '../../../../src/passes/calibration/samples.js';
import { syntheticSamples } from '../../../../src/passes/calibration/synthetic.js';
import { FLOAT_KERNELS } from '../../../../src/runtime/float/index.js';
import { runGraph } from '../../../support/random-runs.js';
import { collect } from '../../../support/samples.js';

/** Two layers of narrow weights, on grids so fine that nearly all of the error is that of the weights. */
function twoLayers(): { readonly float: Graph; readonly quantised: QuantisedGraph; readonly samples: SampleSource } {
  const float = parseGraph(
    `graph "g"
    input %x: float32[N,6]
    const %w: float32[6,6] = random 1
    const %v: float32[6,6] = random 2
    const %zero: float32[] = [0]
    %a = Gemm(%x, %w)
    %r = Clip(%a, %zero)
    %y = Gemm(%r, %v)
    output "y" = %y`,
    OPERATORS,
  );
  const grid = gridOf({ min: -8, max: 8 }, 8);
  const quantised = quantiseGraph(float, splitGraph(float, { weightBits: 4 }), { gridOf: () => grid, output: 'float' });
  return { float, quantised, samples: syntheticSamples(float.inputs, { count: 128, distribution: 'uniform' }) };
}

/** Mean error and mean squared error of the output on the samples. */
async function errors({ float, quantised, samples }: ReturnType<typeof twoLayers>) {
  const [batch = new Map()] = await collect(samples, 128);
  const [real = [], approximation = []] = [float, quantised.graph].map((graph) =>
    runGraph(graph, FLOAT_KERNELS, batch).get('y')?.toNumbers(),
  );
  const mean = (of: (difference: number) => number): number =>
    real.reduce((sum, y, i) => sum + of((approximation[i] ?? NaN) - y), 0) / real.length;
  return { bias: Math.abs(mean((d) => d)), square: mean((d) => d * d) };
}

const REFINE = { batchSize: 16, limit: 128 };

describe('refineLayers', () => {
  it('makes the error on the samples smaller, and its mean all but nothing', async () => {
    const model = twoLayers();
    const before = await errors(model);
    await refineLayers(model.float, model.quantised.graph, model.quantised.layers, model.samples, REFINE);
    const after = await errors(model);
    expect(after.square).toBeLessThan(before.square);
    // The standard deviation of the mean of 768 roundings to steps of 16 / 255 is below 0.001.
    expect(after.bias).toBeLessThan(0.004);
    expect(before.bias).toBeGreaterThan(after.bias);
  });

  it('changes nothing but constants, within their widths', async () => {
    const { float, quantised, samples } = twoLayers();
    const nodes = [...quantised.graph.nodes];
    const weights = (): number[] => quantised.layers.flatMap((layer) => layer.weights.constant.toNumbers());
    const before = weights();
    await refineLayers(float, quantised.graph, quantised.layers, samples, REFINE);
    expect(quantised.graph.nodes).toEqual(nodes);
    expect(verifyGraph(quantised.graph, OPERATORS)).toEqual([]);
    expect(weights()).not.toEqual(before);
    expect(Math.max(...weights().map(Math.abs))).toBeLessThanOrEqual(7);
  });

  it('comes to the same integers whatever the batches', async () => {
    const results = await Promise.all(
      [8, 128].map(async (batchSize) => {
        const { float, quantised, samples } = twoLayers();
        await refineLayers(float, quantised.graph, quantised.layers, samples, { batchSize, limit: 128 });
        return quantised.layers.map((layer) => layer.weights.constant.toNumbers());
      }),
    );
    expect(results[0]).toEqual(results[1]);
  });

  it('reads no samples for a model without layers', async () => {
    const { float, quantised } = twoLayers();
    const unreadable: SampleSource = {
      count: 1,
      description: '',
      fixedBatch: undefined,
      batches: () => expect.fail('samples are read'),
    };
    await expect(refineLayers(float, quantised.graph, [], unreadable, REFINE)).resolves.toBeUndefined();
  });
});
