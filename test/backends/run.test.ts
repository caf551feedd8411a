import { describe, expect, it } from 'vitest';
import { modelKind, openModel, runSamples } from '../../src/backends/run.js';
import { TINPU_OPERATORS } from '../../src/backends/tinpu/dialect.js';
import { OPERATORS } from '../../src/ir/ops/index.js';
import { Tensor } from '../../src/ir/tensor.js';
import { parseGraph } from '../../src/ir/text/parse.js';
import { tensorSamples } from '../../src/passes/calibration/fit-samples.js';
import { ExecutionFault } from '../../src/runtime/kernel.js';
import { modelOf, TINY } from '../support/cli.js';
import { fixture } from '../support/fixtures.js';
import { counting } from '../support/samples.js';

const open = (text: string): ReturnType<typeof openModel> => openModel(parseGraph(text, OPERATORS));

/** Sums each sample, and over all samples: the one has a batch axis, the other has not. */
const sums = (batch: string): string => `graph "sums"
input %x: float32[${batch},2]
const %axes: int64[1] = [1]
%s: float32[${batch}] = ReduceSum(%x, %axes) {keepdims = 0}
%t: float32[] = ReduceSum(%x) {keepdims = 0}
output "s" = %s
output "t" = %t
`;
const PER_SAMPLE = `graph "double"
input %x: float32[N,2]
%y: float32[N,2] = Add(%x, %x)
output "y" = %y
`;

describe('openModel', () => {
  it('tells what a model computes in', () => {
    expect(open(TINY).kind).toBe('float');
    expect(openModel(fixture('coral_base_100/model_ti.onnx')).kind).toBe('tinpu');
    const qdq = `graph "q"
input %x: float32[2]
const %s: float32[] = [0.5]
%q: uint8[2] = QuantizeLinear(%x, %s)
%d: float32[2] = DequantizeLinear(%q, %s)
output "d" = %d
`;
    expect(open(qdq).kind).toBe('qdq');
    expect(modelKind(parseGraph(qdq, OPERATORS))).toBe('qdq');
  });

  it('runs the integers that a QDQ or QLinear model states, and says where it rounded them', () => {
    const layer = `graph "q"
input %x: int8[N,2]
const %w: int8[2,1] = [3, -4]
const %s: float32[] = [0.5]
const %z: int8[] = [1]
const %b: float32[1] = [0.3]`;
    const qdq = open(`${layer}
%xr = DequantizeLinear(%x, %s, %z)
%wr = DequantizeLinear(%w, %s, %z)
%c = Gemm(%xr, %wr, %b)
%y = QuantizeLinear(%c, %s, %z)
output "y" = %y
`);
    expect(qdq.graph.nodes.map(({ domain }) => domain)).toEqual(['qa', 'qa']);
    expect(qdq.diagnostics).toMatchObject([{ code: 'bias-rounded', severity: 'info' }]);
    const x = new Tensor('int8', [1, 2], Int8Array.of(11, 6));
    // (11 - 1) · (3 - 1) + (6 - 1) · (-4 - 1) = -5, the bias 0.3 is 1 of 0.25, and half of -4 is -2: -1 with the zero point.
    expect(
      qdq
        .run(new Map([['x', x]]))
        .get('y')
        ?.toNumbers(),
    ).toEqual([-1]);
    const qLinear = open(`${layer.replace('\nconst %b: float32[1] = [0.3]', '')}
%y = QLinearMatMul(%x, %s, %z, %w, %s, %z, %s, %z)
output "y" = %y
`);
    expect([qLinear.kind, qLinear.graph.nodes.length]).toEqual(['qdq', 2]);
    // -2.5 rounds to the even -2.
    expect(
      qLinear
        .run(new Map([['x', x]]))
        .get('y')
        ?.toNumbers(),
    ).toEqual([-1]);
    expect(
      openModel(qLinear.graph)
        .run(new Map([['x', x]]))
        .get('y')
        ?.toNumbers(),
    ).toEqual([-1]);
  });

  it('runs a file and a graph alike', () => {
    const x = counting([2, 1, 8, 1], -4);
    const feeds = new Map([['x', x]]);
    expect(openModel(modelOf(TINY)).run(feeds).get('y')).toEqual(open(TINY).run(feeds).get('y'));
  });

  it('runs the quantised dialect as it is', () => {
    const graph = parseGraph(
      `graph "q"
input %x: float32[N,2]
const %b: float32[1,1] = [0]
const %m: float32[1,1] = [1]
const %s: int32[1,1] = [1]
%q = q.InputNorm(%x, %b, %m, %s) {lo = -128, hi = 127}
output "q" = %q
`,
      TINPU_OPERATORS,
    );
    const model = openModel(graph);
    expect(model.graph).toBe(graph);
    expect(model.kind).toBe('tinpu');
    expect(model.metadata).toBeUndefined();
    const result = model.run(new Map([['x', Tensor.float32([1, 2], [3, -3])]])).get('q');
    expect(result?.dtype).toBe('int8');
    expect(result?.toNumbers()).toEqual([1, -2]);
  });

  it('carries the metadata of a file', () => {
    expect(openModel(modelOf(TINY)).metadata).toMatchObject({ opset: 17, producer: 'test' });
  });
});

describe('runSamples', () => {
  const X = counting([5, 2]);

  it('joins batches of any size to the same result', async () => {
    const model = open(PER_SAMPLE);
    for (const batchSize of [1, 2, 5, 16]) {
      const { samples, outputs, intermediates } = await runSamples(model, tensorSamples(model.graph.inputs, X), {
        batchSize,
      });
      expect(samples).toBe(5);
      expect(outputs.get('y')?.dims).toEqual([5, 2]);
      expect(outputs.get('y')?.toNumbers()).toEqual(X.toNumbers().map((x) => 2 * x));
      expect(intermediates.size).toBe(0);
    }
  });

  it('tells how far it is', async () => {
    const model = open(PER_SAMPLE);
    const seen: number[] = [];
    const progress = (samples: number): void => {
      seen.push(samples);
    };
    await runSamples(model, tensorSamples(model.graph.inputs, X), { batchSize: 2, progress });
    expect(seen).toEqual([2, 4, 5]);
  });

  it('runs everything at once when a result has no batch axis', async () => {
    const model = open(sums('N'));
    const { outputs } = await runSamples(model, tensorSamples(model.graph.inputs, X), { batchSize: 2 });
    expect(outputs.get('s')?.toNumbers()).toEqual([1, 5, 9, 13, 17]);
    expect(outputs.get('t')?.dims).toEqual([]);
    expect(outputs.get('t')?.toNumbers()).toEqual([45]);
  });

  it('gives such results an axis of batches when the batch is fixed', async () => {
    const model = open(sums('1'));
    const { outputs } = await runSamples(model, tensorSamples(model.graph.inputs, X));
    expect(outputs.get('s')?.dims).toEqual([5]);
    expect(outputs.get('t')?.dims).toEqual([5]);
    expect(outputs.get('t')?.toNumbers()).toEqual([1, 5, 9, 13, 17]);
  });

  it('collects every tensor of the file on request', async () => {
    const model = openModel(fixture('coral_base_100/model_ti.onnx'));
    const samples = tensorSamples(model.graph.inputs, counting([3, 1, 256, 1]));
    const { intermediates } = await runSamples(model, samples, { intermediates: true });
    expect([...intermediates.keys()]).toEqual(
      expect.arrayContaining(['input', 'conv0_clip', 'pool_clip', 'fc_matmul']),
    );
    expect(intermediates.get('conv0_clip')?.dims).toEqual([3, 4, 256, 1]);
    // What only the interpreter has, such as the constants of the lifted layers, is no tensor of the file.
    const names = new Set(model.source.nodes.flatMap((node) => node.outputs.map(({ name }) => name)));
    for (const name of intermediates.keys()) expect(name === 'input' || names.has(name), name).toBe(true);
  });

  it('refuses to join what has another size in every batch', async () => {
    const model = open(`graph "nonzero"
input %x: float32[1,4]
%n: int64[2,M] = NonZero(%x)
output "n" = %n
`);
    const x = Tensor.float32([2, 4], [1, 0, 0, 0, 1, 1, 1, 1]);
    await expect(runSamples(model, tensorSamples(model.graph.inputs, x))).rejects.toThrow(ExecutionFault);
  });
});
