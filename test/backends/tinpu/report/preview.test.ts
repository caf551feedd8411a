import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../../src/backends/compile-model.js';
import type { LayerSummary } from '../../../../src/backends/summary.js';
import { findTarget } from '../../../../src/backends/targets.js';
import { previewLayers, type Preview } from '../../../../src/backends/tinpu/report/preview.js';
import { prepareForIntegers } from '../../../../src/backends/tinpu/prepare/prepare.js';
import { assignRoles } from '../../../../src/backends/tinpu/split/roles.js';
import { GraphEditor } from '../../../../src/ir/editor.js';
import { exportModel } from '../../../../src/ir/onnx/export.js';
import { importModel } from '../../../../src/ir/onnx/import.js';
import { OPERATORS } from '../../../../src/ir/ops/index.js';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { runPipeline } from '../../../../src/passes/pass.js';
import { canonicalise } from '../../../../src/passes/pipelines/canonicalise.js';
import { FLOAT_KERNELS } from '../../../../src/runtime/float/index.js';

const TARGET = findTarget('f28p55')!;

function preview(bytes: Uint8Array, rules: 'strict' | 'relaxed' = 'strict'): readonly LayerSummary[] {
  return previewOf(bytes, rules).layers;
}

function previewOf(bytes: Uint8Array, rules: 'strict' | 'relaxed'): Preview {
  const { graph } = importModel(bytes);
  const context = { operators: OPERATORS, kernels: FLOAT_KERNELS, report: () => undefined };
  const editor = new GraphEditor(graph);
  runPipeline(editor, canonicalise({ keepInputAffine: true }), context);
  runPipeline(editor, prepareForIntegers, context);
  return previewLayers(graph, assignRoles(graph), TARGET, rules);
}

const file = (text: string): Uint8Array => exportModel(parseGraph(text, OPERATORS), { opset: 17 });

/** Every kind of layer that is lowered, and a function in float at the end. */
const ALL_KINDS = file(`graph "kinds"
input %x: float32[N,4,16,16]
const %w1: float32[8,4,3,3] = random 1
const %b1: float32[8] = random 2
const %w2: float32[8,1,9,1] = random 3
const %w3: float32[6,8,1,1] = random 4
const %w4: float32[24,5] = random 5
const %six: float32[] = [6]
const %zero: float32[] = [0]
%a: float32[N,8,16,16] = Conv(%x, %w1, %b1) {pads = [1, 1, 1, 1]} "gconv"
%b: float32[N,8,16,16] = Clip(%a, %zero, %six) "relu6"
%c: float32[N,8,8,16] = Conv(%b, %w2) {group = 8} "dwconv"
%d: float32[N,8,4,8] = MaxPool(%c) {kernel_shape = [2, 2], strides = [2, 2]} "maxpool"
%e: float32[N,8,2,4] = AveragePool(%d) {kernel_shape = [2, 2], strides = [2, 2]} "avgpool"
%f: float32[N,6,2,4] = Conv(%e, %w3) "pwconv"
%g: float32[N,6,2,2] = AveragePool(%f) {kernel_shape = [1, 3]} "avgpool3"
%h: float32[N,24] = Flatten(%g) "flatten"
%i: float32[N,5] = Gemm(%h, %w4) "fc"
%y: float32[N,5] = Softmax(%i) "softmax"
output "y" = %y
`);

/** What of a row does not depend on calibration. */
const known = (layers: readonly LayerSummary[]): object[] =>
  layers.map(
    ({ name, source, op, pattern, placement, reason, outputShape, weightBits, weightCount, bytes, ...work }) => {
      const { macs, operations, island } = work;
      return {
        ...{ name, source, op, pattern, placement, reason, outputShape, weightBits, weightCount, bytes },
        ...{ macs, operations, island },
      };
    },
  );

describe('previewLayers', () => {
  it.each(['strict', 'relaxed'] as const)('gives the rows of the report on the compiled model, %s', async (rules) => {
    const { summary } = await compileModel(ALL_KINDS, { target: TARGET, rules });
    expect(known(preview(ALL_KINDS, rules))).toEqual(known(summary.layers));
    expect(previewOf(ALL_KINDS, rules).islands).toEqual(summary.islands);
  });

  it('leaves open what only calibration tells', () => {
    for (const layer of preview(ALL_KINDS)) {
      expect(layer).toMatchObject({
        weightScale: [],
        inputScale: null,
        outputScale: null,
        shift: [],
        accumulator: null,
      });
      expect(layer).toMatchObject({ bound: null, exactInFloat32: null, sqnrDb: null });
    }
  });

  it('gives a row with the reason to a node that cannot be lowered, and goes on behind it', () => {
    const rows = preview(
      file(`graph "odd"
input %x: float32[N,16]
const %v: float32[16,16] = splat inf
const %w: float32[16,16] = random 1
%a: float32[N,16] = Gemm(%x, %v) "broken"
%b: float32[N,16] = Gemm(%a, %w) "fc"
%c: float32[N,16] = Relu(%b) "relu"
output "c" = %c
`),
    );
    expect(rows.map(({ name, pattern, placement }) => [name, pattern, placement])).toEqual([
      ['x', null, 'cpu'],
      ['broken', null, 'cpu'],
      ['fc', 'FC', 'npu'],
    ]);
    expect(rows[1]?.reason).toContain('infinite');
    expect(rows[2]?.source).toEqual(['fc', 'relu']);
  });

  it('counts islands of float, with what is dequantised and quantised for them', () => {
    const { layers, islands } = previewOf(
      file(`graph "islands"
input %x: float32[N,16]
const %w: float32[16,16] = random 1
const %v: float32[16,16] = random 2
%a: float32[N,16] = Gemm(%x, %w) "first"
%s: float32[N,16] = Sigmoid(%a) "sigmoid"
%m: float32[N,16] = Mul(%a, %s) "mul"
%b: float32[N,16] = Gemm(%m, %v) "second"
%y: float32[N,16] = Softmax(%b) "softmax"
output "y" = %y
`),
      'strict',
    );
    expect(layers.map(({ name, op, island }) => [name, op, island])).toEqual([
      ['x', 'quantise', null],
      ['first', 'Gemm', null],
      ['sigmoid', 'Sigmoid', 1],
      ['mul', 'Mul', 1],
      ['mul', 'quantise', null],
      ['second', 'Gemm', null],
      ['softmax', 'Softmax', 2],
      ['softmax', 'quantise', null],
    ]);
    expect(layers[2]?.reason).toBe('float operator, runs on the CPU between a dequantise and a quantise');
    expect(islands).toEqual([
      { number: 1, operators: ['Sigmoid', 'Mul'], boundaries: 2 },
      { number: 2, operators: ['Softmax'], boundaries: 2 },
    ]);
  });

  it('makes one row of a pointwise convolution and the addition that takes it in', () => {
    const rows = preview(
      file(`graph "residual"
input %x: float32[N,4,5,5]
const %w: float32[4,4,1,1] = random 1
const %v: float32[4,4,1,1] = random 2
%a: float32[N,4,5,5] = Conv(%x, %v) "first"
%b: float32[N,4,5,5] = Conv(%a, %w) "pointwise"
%s: float32[N,4,5,5] = Add(%b, %a) "add"
%y: float32[N,4,5,5] = Relu(%s) "relu"
output "y" = %y
`),
    );
    expect(rows.map(({ name, pattern, placement, macs }) => [name, pattern, placement, macs])).toEqual([
      ['x', null, 'cpu', 0],
      ['first', 'PWCONV', 'npu', 400],
      ['pointwise', 'PWCONVRES', 'npu', 400],
    ]);
    expect(rows[2]?.source).toEqual(['pointwise', 'add', 'relu']);
  });

  it.each([
    [
      'islands and residual forms',
      `graph "both"
input %x: float32[N,4,5,5]
const %w: float32[4,4,1,1] = random 1
const %v: float32[4,4,1,1] = random 2
const %u: float32[4,8,2,2] = random 3
%a: float32[N,4,5,5] = Conv(%x, %v) "first"
%b: float32[N,4,5,5] = Conv(%a, %w) "pointwise"
%s: float32[N,4,5,5] = Add(%b, %a) "add"
%r: float32[N,4,5,5] = Relu(%s) "relu"
%t: float32[N,4,5,5] = Sigmoid(%r) "sigmoid"
%m: float32[N,4,5,5] = Mul(%r, %t) "mul"
%z: float32[N,8,10,10] = ConvTranspose(%m, %u) {strides = [2, 2]} "up"
%c: float32[N,8,10,10] = Clip(%z) "none"
%y: float32[N,16,10,10] = Concat(%z, %c) {axis = 1} "concat"
output "y" = %y
`,
    ],
  ])('agrees with the compiled model on %s', async (_, text) => {
    const bytes = file(text);
    const { summary } = await compileModel(bytes, { target: TARGET });
    expect(known(preview(bytes))).toEqual(known(summary.layers));
    expect(previewOf(bytes, 'strict').islands).toEqual(summary.islands);
  });
});
