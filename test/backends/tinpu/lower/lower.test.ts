import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { Quantisation } from '../../../../src/ir/graph.js';
import { opName } from '../../../../src/ir/graph.js';
import { exportModel } from '../../../../src/ir/onnx/export.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { uniformSource } from '../../../../src/ir/random.js';
import { Tensor } from '../../../../src/ir/tensor.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { printGraph } from '../../../../src/ir/text/print.js';
import { TINPU_KERNELS } from '../../../../src/backends/tinpu/dialect.js';
import { emitCarrier, TINPU_OPSET } from '../../../../src/backends/tinpu/emit/emit.js';
import { liftCarrier } from '../../../../src/backends/tinpu/lift/lift.js';
import { lowerGraph } from '../../../../src/backends/tinpu/lower/lower.js';
import { quantcRecipe } from '../../../../src/backends/tinpu/recipes/quantc.js';
import { assignRoles, type QuantisationPoint } from '../../../../src/backends/tinpu/split/roles.js';
import { prepare } from '../../../../src/runtime/executor.js';

const NETWORK = `graph "net"
input %x: float32[N,1,12,6]
const %gamma: float32[1] = [0.7]
const %beta: float32[1] = [0.1]
const %mean: float32[1] = [0.05]
const %variance: float32[1] = [0.4]
const %w1: float32[4,1,3,3] = random 1
const %b1: float32[4] = random 2
const %w2: float32[8,4,1,1] = random 3
const %zero: float32[] = [0]
const %six: float32[] = [6]
const %wf: float32[8,3] = random 4
const %bf: float32[3] = random 5
%n = BatchNormalization(%x, %gamma, %beta, %mean, %variance) "norm" @[0 "norm" "BatchNormalization"]
%c1 = Conv(%n, %w1, %b1) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1], dilations = [1, 1], group = 1} "conv1" @[1 "conv1" "Conv"]
%r1 = Clip(%c1, %zero, _) "relu1" @[2 "relu1" "Relu"]
%m = MaxPool(%r1) {kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0]} "pool" @[3 "pool" "MaxPool"]
%c2 = Conv(%m, %w2, _) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "conv2" @[4 "conv2" "Conv"]
%r2 = Clip(%c2, %zero, %six) "relu2" @[5 "relu2" "Clip"]
%a = AveragePool(%r2) {kernel_shape = [3, 1], strides = [3, 1], pads = [0, 0, 0, 0]} "avg" @[6 "avg" "AveragePool"]
%g = GlobalAveragePool(%a) "gap" @[7 "gap" "GlobalAveragePool"]
%f = Flatten(%g) {axis = 1} "flat" @[8 "flat" "Flatten"]
%y = Gemm(%f, %wf, %bf) "fc" @[9 "fc" "Gemm"]
output "y" = %y
`;

const grid = (scale: number, signed = false): Quantisation => ({ scale, bits: 8, signed });
const SCALES: Readonly<Record<string, Quantisation>> = {
  n: grid(1 / 64, true),
  r1: grid(0.021),
  r2: grid(6 / 255),
  a: grid(0.02),
  g: grid(0.011),
  y: grid(0.03, true),
};

function lowered(output: 'int' | 'float'): ReturnType<typeof lowerGraph> {
  const float = parseGraph(NETWORK, OPERATORS);
  const { points, obstacles, domains } = assignRoles(float, { output });
  expect(obstacles).toEqual([]);
  const scales = new Map<QuantisationPoint, Quantisation>();
  for (const point of points) {
    const scale = SCALES[point.value.name];
    if (scale === undefined) throw new Error(`no scale for ${point.value.name}`);
    scales.set(point, scale);
  }
  return lowerGraph(
    float,
    { domains, scales, recipe: quantcRecipe, output },
    { verify: true, report: () => undefined },
  );
}

describe('lowerGraph', () => {
  it('leaves nothing but integers between the input sequence and the output', () => {
    const graph = lowered('int');
    expect(graph.nodes.map(opName)).toEqual([
      'q.InputNorm',
      'q.Conv',
      'q.Bnorm',
      'MaxPool',
      'q.Conv',
      'q.Bnorm',
      'q.Conv',
      'q.Bnorm',
      'q.GlobalSum',
      'q.Bnorm',
      'Flatten',
      'q.MatMul',
      'q.Bnorm',
    ]);
    expect(graph.nodes.flatMap((node) => node.outputs.map(({ name, type }) => `${name}:${type.dtype}`))).toEqual([
      'n:int8',
      'r1/accumulator:int32',
      'r1:uint8',
      'm:uint8',
      'r2/accumulator:int32',
      'r2:uint8',
      'a/accumulator:int32',
      'a:uint8',
      'g/accumulator:int32',
      'g:uint8',
      'f:uint8',
      'y/accumulator:int32',
      'y:int8',
    ]);
    expect(graph.nodes.find((node) => node.outputs[0]?.name === 'r1')?.origins.map(({ name }) => name)).toEqual([
      'conv1',
      'relu1',
    ]);
  });

  it('ends in a dequantisation when real outputs are wanted', () => {
    expect(lowered('float').nodes.map(opName).slice(-2)).toEqual(['q.Bnorm', 'q.Dequantize']);
  });

  for (const output of ['int', 'float'] as const) {
    it(`emits a carrier that ONNX Runtime evaluates to the interpreter's ${output} output`, async () => {
      const graph = lowered(output);
      const bytes = exportModel(emitCarrier(graph), { opset: TINPU_OPSET });
      const next = uniformSource(9);
      const x = Tensor.float32(
        [5, 1, 12, 6],
        Array.from({ length: 360 }, () => 2 * next()),
      );
      const own = prepare(graph, TINPU_KERNELS)
        .run(new Map([['x', x]]))
        .get('y')
        ?.toNumbers();
      const readBack = liftCarrier(importModel(bytes).graph);
      expect(
        prepare(readBack, TINPU_KERNELS)
          .run(new Map([['x', x]]))
          .get('y')
          ?.toNumbers(),
      ).toEqual(own);
      for (const level of ['disabled', 'basic', 'extended', 'all'] as const) {
        const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: level });
        const { y } = await session.run({ x: new ort.Tensor('float32', x.data, [...x.dims]) });
        expect(Array.from(y?.data as Float32Array)).toEqual(own);
      }
    });
  }

  it('reads back to the same layers', () => {
    const graph = lowered('int');
    const readBack = liftCarrier(importModel(exportModel(emitCarrier(graph), { opset: TINPU_OPSET })).graph);
    const integers = readBack.nodes.filter((node) => node.domain === 'q').map(opName);
    expect(integers).toEqual(graph.nodes.filter((node) => node.domain === 'q').map(opName));
    expect(printGraph(readBack)).toContain('Cast');
  });
});
