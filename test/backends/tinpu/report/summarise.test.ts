import { describe, expect, it } from 'vitest';
import { parseGraph } from '../../../../src/ir/text/parse.js';
import { TINPU_OPERATORS } from '../../../../src/backends/tinpu/dialect.js';
import { summariseLayers, summariseTensor } from '../../../../src/backends/tinpu/report/summarise.js';
import { findTarget } from '../../../../src/backends/targets.js';

const NPU = findTarget('f28p55');
const GRAPH = parseGraph(
  `graph "g"
  input %x: float32[N,1,6,4]
  const %fb: float32[1,1,1,1] = [0.125]
  const %fm: float32[1,1,1,1] = [128]
  const %fs: int32[1,1,1,1] = [5]
  const %w: int8[4,1,3,1] = [127, 127, 127, 1, 1, 1, 0, 0, 0, -127, 0, 0]
  const %b: int32[4] = [1, 2, 3, -4]
  const %one: int32[4] = [1, 1, 1, 1]
  const %shift: int32[4] = [7, 8, 9, 10]
  const %half: int32[1] = [2]
  const %mean: int32[1] = [128]
  const %nine: int32[1] = [9]
  const %v: int8[4,3] = splat 2
  const %big: int32[3] = [8388607, 0, 0]
  const %ones: int32[1] = [1]
  %q: int8[N,1,6,4]<0.25 s8> = q.InputNorm(%x, %fb, %fm, %fs) {lo = -128, hi = 127} "x"
  %a1: int32[N,4,4,4] = q.Conv(%q, %w) {strides = [1, 1], pads = [0, 0, 0, 0], dilations = [1, 1], group = 1} "conv"
  %c: uint8[N,4,4,4]<0.5 u8> = q.Bnorm(%a1, %b, %one, %shift) {lo = 0, hi = 255} "conv" @[1 "conv" "Conv", 2 "relu" "Relu"]
  %m: uint8[N,4,2,2]<0.5 u8> = MaxPool(%c) {kernel_shape = [2, 2], strides = [2, 2]} "max" @[3 "max" "MaxPool"]
  %a2 = q.GlobalSum(%m) "gap"
  %g: uint8[N,4,1,1]<0.5 u8> = q.Bnorm(%a2, %half, %mean, %nine) {lo = 0, hi = 255} "gap" @[4 "gap" "GlobalAveragePool"]
  %f: uint8[N,4]<0.5 u8> = Flatten(%g) {axis = 1} "flat"
  %a3 = q.MatMul(%f, %v) "fc"
  %y: int8[N,3]<2.0 s8> = q.Bnorm(%a3, %big, %ones, %nine) {lo = -128, hi = 127} "fc" @[5 "fc" "Gemm"]
  %r = q.Dequantize(%y) {scale = 2.0} "fc"
  %s = Softmax(%r) {axis = 1} "softmax" @[6 "softmax" "Softmax"]
  output "s" = %s
  output "y" = %y`,
  TINPU_OPERATORS,
);

const agreement = new Map([
  ['c', { sqnrDb: 31.5, saturatedFraction: 0 }],
  ['r', { sqnrDb: 22, saturatedFraction: 0 }],
  ['m', { sqnrDb: Infinity, saturatedFraction: 0 }],
]);

describe('summariseLayers', () => {
  if (NPU === undefined) throw new Error('no such target');
  const layers = summariseLayers(GRAPH, NPU, 'strict', agreement);
  const [input, conv, max, gap, fc, softmax] = layers;

  it('lists what TI calls layers, in order', () => {
    expect(layers.map(({ name, op, pattern, placement }) => [name, op, pattern, placement])).toEqual([
      ['x', 'quantise', null, 'cpu'],
      ['conv', 'Conv', 'FCONV', 'npu'],
      ['max', 'MaxPool', 'MAXPOOL', 'npu'],
      ['gap', 'GlobalAveragePool', 'AVGPOOL', 'npu'],
      ['fc', 'Gemm', 'FC', 'cpu'],
      ['softmax', 'Softmax', null, 'cpu'],
    ]);
  });

  it('describes an input sequence', () => {
    expect(input).toMatchObject({ macs: 0, weightBits: null, inputScale: null, outputScale: 0.25, shift: [5] });
    expect(input).toMatchObject({ accumulator: null, bound: null, exactInFloat32: null, weightScale: [] });
    expect(input?.bytes).toEqual({ weights: 0, bias: 0, scale: 0, shift: 0 });
  });

  it('describes a layer with weights', () => {
    expect(conv).toEqual({
      name: 'conv',
      source: ['conv', 'relu'],
      op: 'Conv',
      pattern: 'FCONV',
      placement: 'npu',
      reason: 'meets the strict rules of FCONV',
      outputShape: ['N', 4, 4, 4],
      // 4·4·4 results of 3 taps.
      macs: 192,
      operations: 192,
      island: null,
      weightBits: 8,
      weightCount: 12,
      // Biases have 24 bits.
      bytes: { weights: 12, bias: 12, scale: 4, shift: 4 },
      // 2^-n · s_y / s_x.
      weightScale: [2 ** -6, 2 ** -7, 2 ** -8, 2 ** -9],
      inputScale: 0.25,
      inputZeroPoint: 0,
      outputScale: 0.5,
      outputZeroPoint: 0,
      shift: [7, 8, 9, 10],
      // 3 · 127 · (-128 … 127).
      accumulator: { min: -48768, max: 48387 },
      bound: 48769,
      exactInFloat32: true,
      sqnrDb: 31.5,
    });
  });

  it('describes pools', () => {
    expect(max).toMatchObject({ macs: 0, weightCount: 0, shift: [], inputScale: 0.5, outputScale: 0.5, sqnrDb: null });
    expect(gap).toMatchObject({ macs: 0, weightBits: null, weightScale: [], shift: [9], outputShape: ['N', 4, 1, 1] });
    expect(gap?.bytes).toEqual({ weights: 0, bias: 8, scale: 4, shift: 4 });
    expect(gap).toMatchObject({ accumulator: { min: 0, max: 1020 }, bound: 1022 * 128, exactInFloat32: true });
  });

  it('says no of exactness where bias and sum exceed 2^24, and not before', () => {
    // 4 · 2 · 255 beside a bias of 2^23 - 1 is still exact.
    expect(fc).toMatchObject({ bound: 8388607 + 2040, exactInFloat32: true, macs: 12 });
    const wide = parseGraph(
      `graph "g"
       input %x: uint8[N,300]
       const %w: int8[300,1] = splat 127
       const %b: int32[1] = [8388607]
       const %one: int32[1] = [1]
       %s = q.MatMul(%x, %w)
       %y = q.Bnorm(%s, %b, %one, %one) {lo = -128, hi = 127} "fc"
       output "y" = %y`,
      TINPU_OPERATORS,
    );
    const [row] = summariseLayers(wide, NPU, 'strict', new Map());
    expect(row).toMatchObject({ bound: 300 * 127 * 255 + 8388607, exactInFloat32: false, sqnrDb: null });
  });

  it('finds the agreement of integers under the label of the real numbers they become', () => {
    expect(fc?.sqnrDb).toBe(22);
    expect(softmax?.sqnrDb).toBeNull();
  });
});

describe('summariseTensor', () => {
  it('states integers and their scale, or float', () => {
    const [y] = GRAPH.outputs.filter(({ name }) => name === 'y');
    const [x] = GRAPH.inputs;
    expect(y && summariseTensor('y', y.value)).toEqual({
      name: 'y',
      shape: ['N', 3],
      scale: 2,
      zeroPoint: 0,
      bits: 8,
      signed: true,
    });
    expect(x && summariseTensor('x', x)).toMatchObject({ scale: 1, bits: 32, signed: true });
  });
});
