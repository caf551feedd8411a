import { describe, expect, it } from 'vitest';
import { UserError } from '../../../src/ir/diagnostics.js';
import type { Graph, Value } from '../../../src/ir/graph.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { Tensor } from '../../../src/ir/tensor.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { calibrate } from '../../../src/backends/calibration/calibrate.js';
import type { Tap } from '../../../src/backends/calibration/observation-plan.js';
import type { CalibrationPlan } from '../../../src/backends/tinpu/recipes/recipe.js';
import { MinMaxObserver } from '../../../src/passes/calibration/observers/minmax.js';
import type { Observer } from '../../../src/passes/calibration/observers/observer.js';
import type { SampleSource } from '../../../src/passes/calibration/samples.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';

const GRAPH = parseGraph(
  `graph "g"
  input %x: float32[N,1]
  const %w: float32[1,1] = [3]
  %r = MatMul(%x, %w)
  %y = Sqrt(%r)
  output "y" = %y`,
  OPERATORS,
);
const valueOf = (graph: Graph, name: string): Value => {
  const found = [...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)].find(
    (value) => value.name === name,
  );
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
const samples = (...batches: readonly (readonly number[])[]): SampleSource => ({
  count: batches.flat().length,
  description: 'given',
  fixedBatch: undefined,
  async *batches() {
    await Promise.resolve();
    for (const batch of batches) yield new Map([['x', Tensor.float32([batch.length, 1], batch)]]);
  },
});

class Recorder implements Observer {
  readonly seen: number[][] = [];
  readonly #inner = new MinMaxObserver();

  observe(data: Float32Array): void {
    this.seen.push(Array.from(data));
    this.#inner.observe(data);
  }

  range(): ReturnType<Observer['range']> {
    return this.#inner.range();
  }
}

const run = (taps: readonly Tap[], source: SampleSource, weights?: CalibrationPlan['weights']): Promise<number> => {
  const plan: CalibrationPlan = {
    taps,
    rangeOf: () => ({ min: 0, max: 0 }),
    ...(weights === undefined ? {} : { weights }),
  };
  return calibrate(GRAPH, plan, source, { kernels: FLOAT_KERNELS, batchSize: 2 });
};

describe('calibrate', () => {
  it('shows each observer whole batches, and counts the samples', async () => {
    const observer = new Recorder();
    const progress: number[] = [];
    const plan: CalibrationPlan = { taps: [{ value: valueOf(GRAPH, 'r'), observer }], rangeOf: () => observer.range() };
    const seen = await calibrate(GRAPH, plan, samples([1, 2], [3]), {
      kernels: FLOAT_KERNELS,
      batchSize: 2,
      progress: (count) => progress.push(count),
    });
    expect(observer.seen).toEqual([[3, 6], [9]]);
    expect([seen, progress]).toEqual([3, [2, 3]]);
  });

  it('lets the observer see a batch before it is quantised, and later layers the quantised one', async () => {
    const [input, product] = [new Recorder(), new Recorder()];
    const scales: number[] = [];
    const taps: Tap[] = [
      {
        value: valueOf(GRAPH, 'x'),
        observer: input,
        fake: ({ max }) => {
          scales.push(max / 2);
          return { scale: max / 2, zero: 0, top: 2 };
        },
      },
      { value: valueOf(GRAPH, 'r'), observer: product },
    ];
    await run(taps, samples([4, 1.1, 2.9], [8]));
    expect(input.seen[0]).toEqual([4, Math.fround(1.1), Math.fround(2.9)]);
    // The range of the same batch counts: 4, then 8.
    expect(scales).toEqual([2, 4]);
    // 1.1 / 2 rounds to 1 and 2.9 / 2 to 1.
    expect(product.seen).toEqual([[12, 6, 6], [24]]);
  });

  it('gathers the batches of a model that is fixed to fewer samples, and quantises from the second on', async () => {
    const [input, product] = [new Recorder(), new Recorder()];
    const taps: Tap[] = [
      { value: valueOf(GRAPH, 'x'), observer: input, fake: ({ max }) => ({ scale: max, zero: 0, top: 1 }) },
      { value: valueOf(GRAPH, 'r'), observer: product },
    ];
    await run(taps, { ...samples([1], [2], [1.5], [0.5], [2]), fixedBatch: 1 });
    expect(input.seen).toEqual([[1, 2], [1.5, 0.5], [2]]);
    expect(product.seen).toEqual([[3, 6], [6, 0], [6]]);
  });

  it.each([
    // torch.fake_quantize: (clamp(nearbyint(x · (1/s)) + zero, 0, top) - zero) · s, ties to even.
    ['ties to even', { scale: 0.5, zero: 0, top: 255 }, [0.25, 0.75, 1.25, 1.75], [0, 1, 1, 2]],
    [
      'levels cut off above and below',
      { scale: 1, zero: 127, top: 255 },
      [-300, -127.4, 128.4, 300],
      [-127, -127, 128, 128],
    ],
    ['unsigned levels cut off at 0', { scale: 1, zero: 0, top: 255 }, [-3, 0.4, 254.6, 260], [0, 0, 255, 255]],
    [
      'the reciprocal in float32',
      { scale: Math.fround(0.1), zero: 0, top: 255 },
      [0.25, 0.35],
      [Math.fround(2 * Math.fround(0.1)), Math.fround(4 * Math.fround(0.1))],
    ],
  ] as const)('quantises with %s', async (_, grid, given, wanted) => {
    const product = new Recorder();
    await run(
      [
        { value: valueOf(GRAPH, 'x'), observer: new Recorder(), fake: () => grid },
        { value: valueOf(GRAPH, 'r'), observer: product },
      ],
      samples(given),
      () => Float32Array.of(1),
    );
    expect(product.seen[0]).toEqual(wanted);
  });

  it('runs on the weights of the plan and leaves the graph as it is', async () => {
    const product = new Recorder();
    const weights = (): Float32Array => Float32Array.of(5);
    await run([{ value: valueOf(GRAPH, 'r'), observer: product }], samples([2]), weights);
    expect(product.seen).toEqual([[10]]);
    expect(GRAPH.nodes[0]?.inputs[1]?.constant?.toNumbers()).toEqual([3]);
  });

  it('refuses a tensor that becomes no number', async () => {
    const failing = run([{ value: valueOf(GRAPH, 'y'), observer: new MinMaxObserver() }], samples([1, -1]));
    await expect(failing).rejects.toThrow(UserError);
    await expect(failing).rejects.toThrow("tensor 'y' becomes NaN on the calibration data");
  });
});
