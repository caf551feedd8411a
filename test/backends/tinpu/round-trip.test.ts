import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { opName, type Graph } from '../../../src/ir/graph.js';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { printGraph } from '../../../src/ir/text/print.js';
import { verifyGraph } from '../../../src/ir/verify.js';
import { TINPU_KERNELS, TINPU_OPERATORS } from '../../../src/backends/tinpu/dialect.js';
import { emitCarrier, TINPU_OPSET } from '../../../src/backends/tinpu/emit/emit.js';
import { liftCarrier } from '../../../src/backends/tinpu/lift/lift.js';
import { SelfCheck } from '../../../src/backends/self-check.js';
import { prepare } from '../../../src/runtime/executor.js';
import { randomQuantised } from '../../support/random-quantised.js';
import { randomFeeds } from '../../support/random-runs.js';

const SEEDS = Array.from({ length: 60 }, (_, i) => i);
const LEVELS = ['disabled', 'basic', 'extended', 'all'] as const;

/** What each integer tensor is computed by. */
const arithmetic = (graph: Graph): Map<string, string> =>
  new Map(
    graph.nodes.flatMap((node) => {
      const [result] = node.outputs;
      if (node.domain !== 'q' || result === undefined) return [];
      const attrs = [...node.attrs].map(([name, { value }]) => `${name} ${JSON.stringify(value)}`).sort();
      return [[result.name, `${result.type.dtype} ${opName(node)} ${attrs.join(', ')}`] as const];
    }),
  );

describe('a random quantised graph', () => {
  it('covers the dialect', () => {
    const seen = new Set(SEEDS.flatMap((seed) => randomQuantised(seed, 25).nodes.map(opName)));
    const unwritten = ['q.Quantize', 'q.RequantShift'];
    const own = [...TINPU_OPERATORS.keys()].filter((name) => name.startsWith('q.') && !unwritten.includes(name));
    expect(own.filter((name) => !seen.has(name))).toEqual([]);
  });

  it.each(SEEDS)('%i is lifted from its emitted file, which ONNX Runtime computes alike', async (seed) => {
    const graph = randomQuantised(seed, 25);
    expect(verifyGraph(graph, TINPU_OPERATORS)).toEqual([]);
    const bytes = exportModel(emitCarrier(graph), { opset: TINPU_OPSET });
    const lifted = liftCarrier(importModel(bytes).graph, { restates: false });
    expect(verifyGraph(lifted, TINPU_OPERATORS)).toEqual([]);
    const found = arithmetic(lifted);
    for (const [label, computed] of arithmetic(graph))
      expect(`${label}: ${found.get(label)}`).toBe(`${label}: ${computed}`);

    const program = prepare(graph, TINPU_KERNELS);
    const check = new SelfCheck(lifted, TINPU_KERNELS);
    for (const run of [0, 1]) {
      const feeds = randomFeeds(graph, run);
      const tensors = new Map<string, Tensor>();
      const outputs = program.run(feeds, {
        observe: ({ name }, { dtype, dims, data }) => {
          tensors.set(name, new Tensor(dtype, dims, data.slice()));
          return undefined;
        },
      });
      check.check(feeds, tensors);
      for (const graphOptimizationLevel of LEVELS) {
        const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel, logSeverityLevel: 4 });
        const [[name, x]] = [...feeds] as [[string, Tensor<'float32'>]];
        const results = await session.run({ [name]: new ort.Tensor('float32', x.data, [...x.dims]) });
        for (const [label, expected] of outputs) {
          // A zero has no sign among integers; in float32 it may.
          const positive = (values: ArrayLike<number>): number[] => Array.from(values, (value) => value + 0);
          expect(positive(results[label]?.data as Float32Array), printGraph(graph)).toEqual(
            positive(expected.toNumbers()),
          );
        }
        await session.release();
      }
    }
  });
});
