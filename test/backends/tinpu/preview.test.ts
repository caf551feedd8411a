import { describe, expect, it } from 'vitest';
import { compileModel } from '../../../src/backends/compile-model.js';
import type { LayerSummary } from '../../../src/backends/summary.js';
import { findTarget } from '../../../src/backends/targets.js';
import { previewLayers, type Preview } from '../../../src/backends/tinpu/preview.js';
import { assignRoles } from '../../../src/backends/tinpu/roles.js';
import { GraphEditor } from '../../../src/ir/editor.js';
import { exportModel } from '../../../src/ir/onnx/export.js';
import { importModel } from '../../../src/ir/onnx/import.js';
import { OPERATORS } from '../../../src/ir/ops/index.js';
import { parseGraph } from '../../../src/ir/text/parse.js';
import { runPipeline } from '../../../src/passes/pass.js';
import { canonicalise } from '../../../src/passes/pipelines/canonicalise.js';
import { FLOAT_KERNELS } from '../../../src/runtime/float/index.js';

const TARGET = findTarget('f28p55')!;

function preview(bytes: Uint8Array, rules: 'strict' | 'relaxed' = 'strict'): readonly LayerSummary[] {
  return previewOf(bytes, rules).layers;
}

function previewOf(bytes: Uint8Array, rules: 'strict' | 'relaxed'): Preview {
  const { graph } = importModel(bytes);
  const context = { operators: OPERATORS, kernels: FLOAT_KERNELS, report: () => undefined };
  runPipeline(new GraphEditor(graph), canonicalise({ keepInputAffine: true }), context);
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
const %w: float32[16,16] = random 1
%a: float32[N,16] = Erf(%x) "erf"
%b: float32[N,16] = Gemm(%a, %w) "fc"
%c: float32[N,16] = Relu(%b) "relu"
output "c" = %c
`),
    );
    expect(rows.map(({ name, pattern, placement }) => [name, pattern, placement])).toEqual([
      ['erf', null, 'cpu'],
      ['fc', 'FC', 'npu'],
    ]);
    expect(rows[0]?.reason).toContain('Erf');
    expect(rows[1]?.source).toEqual(['fc', 'relu']);
  });
});
