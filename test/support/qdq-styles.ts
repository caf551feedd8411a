import type { CalibrationData } from '../../src/backends/calibration-data.js';
import { observeRanges } from '../../src/backends/observe-ranges.js';
import { prepareFloat } from '../../src/backends/prepare-float.js';
import { integerForm } from '../../src/backends/tinpu/split/integer-form.js';
import { weightsOf } from '../../src/backends/weights/weights-of.js';
import { Attributes } from '../../src/ir/attributes.js';
import { integerRange, type DType } from '../../src/ir/dtype.js';
import { GraphEditor } from '../../src/ir/editor.js';
import { isConstant, soleUser, type Graph, type Node, type Value } from '../../src/ir/graph.js';
import { exportModel } from '../../src/ir/onnx/export.js';
import { importModel } from '../../src/ir/onnx/import.js';
import { Tensor } from '../../src/ir/tensor.js';
import type { Range } from '../../src/passes/calibration/observers/observer.js';
import { roundHalfEven } from '../../src/runtime/float/floats.js';

/** How a tool for quantisation-aware training writes its models. */
export interface QdqStyle {
  readonly opset: number;
  readonly activations: 'int8' | 'uint8';
  /** Zero points in the middle of the type always, at its end for what is never negative, or wherever the range has 0. */
  readonly zeroPoints: 'middle' | 'ends' | 'free';
  /** Scales rounded up to powers of two. */
  readonly powers?: boolean;
  readonly weights: 'int8' | 'uint8' | 'int4';
  readonly perChannel: boolean;
  readonly bias: 'int32' | 'float';
  /** Whether results of operators that move elements are quantised as well, and outputs of the model. */
  readonly movers: boolean;
  readonly outputs: boolean;
  /** Every so many tensors are left in float; none when omitted. */
  readonly gap?: number;
}

/** What PyTorch, ONNX Runtime, Brevitas, TensorFlow Lite and TI's tools leave, after the defaults of each. */
export const QDQ_STYLES: Readonly<Record<string, QdqStyle>> = {
  torch: {
    opset: 14,
    activations: 'uint8',
    zeroPoints: 'free',
    weights: 'int8',
    perChannel: true,
    bias: 'float',
    movers: false,
    outputs: true,
  },
  onnxruntime: {
    opset: 14,
    activations: 'int8',
    zeroPoints: 'free',
    weights: 'int8',
    perChannel: false,
    bias: 'int32',
    movers: true,
    outputs: true,
  },
  brevitas: {
    opset: 14,
    activations: 'int8',
    zeroPoints: 'middle',
    weights: 'int8',
    perChannel: false,
    bias: 'float',
    movers: false,
    outputs: false,
  },
  brevitas4: {
    opset: 21,
    activations: 'uint8',
    zeroPoints: 'ends',
    weights: 'int4',
    perChannel: true,
    bias: 'float',
    movers: false,
    outputs: false,
  },
  affine4: {
    opset: 21,
    activations: 'int8',
    zeroPoints: 'free',
    weights: 'int4',
    perChannel: true,
    bias: 'int32',
    movers: true,
    outputs: true,
  },
  tensorflow: {
    opset: 17,
    activations: 'int8',
    zeroPoints: 'free',
    weights: 'int8',
    perChannel: true,
    bias: 'int32',
    movers: true,
    outputs: true,
  },
  powers: {
    opset: 19,
    activations: 'uint8',
    zeroPoints: 'ends',
    powers: true,
    weights: 'int8',
    perChannel: true,
    bias: 'int32',
    movers: true,
    outputs: true,
  },
};

interface Grid {
  readonly dtype: DType;
  readonly scale: number;
  readonly zero: number;
}

/** Quantises a float model in a style, with ranges of samples: the nearest there is to training without training. */
export async function writeInStyle(model: Uint8Array, style: QdqStyle, samples: CalibrationData): Promise<Uint8Array> {
  const graph = prepareFloat(importModel(model).graph, undefined, [], { report: () => undefined });
  const ranges = await observeRanges(graph, samples);
  const editor = new GraphEditor(graph);
  const points = [...ranges]
    .filter(([value]) => isPoint(graph, value, style))
    .filter((_, i) => style.gap === undefined || (i + 1) % style.gap !== 0);
  const grids = new Map(points.map(([value, range]) => [value, gridFor(range, style)]));
  for (const node of [...graph.nodes]) {
    if (integerForm(node).kind === 'layer') quantiseWeights(editor, node, style, grids);
  }
  for (const [value, grid] of grids) quantiseActivation(editor, value, grid);
  return exportModel(graph, { opset: style.opset });
}

function isPoint(graph: Graph, value: Value, { movers, outputs }: QdqStyle): boolean {
  const { producer } = value;
  if (!outputs && graph.outputs.some((output) => output.value === value)) return false;
  const reader = soleUser(graph, value)?.op;
  if (reader === 'Clip' || reader === 'BatchNormalization') return false;
  if (producer === undefined || producer.op === 'BatchNormalization') return true;
  const { kind } = integerForm(producer);
  return kind !== 'float' && (movers || kind !== 'mover');
}

function gridFor(range: Range, { activations: dtype, zeroPoints, powers = false }: QdqStyle): Grid {
  const { lo, hi } = integerRange(dtype);
  const middle = (lo + hi + 1) / 2;
  const min = Math.min(0, range.min);
  const max = Math.max(1e-6, range.max);
  const raised = (scale: number): number => Math.fround(powers ? 2 ** Math.ceil(Math.log2(scale)) : scale);
  if (zeroPoints === 'free') {
    const scale = raised((max - min) / (hi - lo));
    return { dtype, scale, zero: Math.max(lo, Math.min(hi, Math.round(lo - min / scale))) };
  }
  const signed = zeroPoints === 'middle' || min < 0;
  return { dtype, scale: raised(signed ? Math.max(-min, max) / 127 : max / 255), zero: signed ? middle : lo };
}

function quantiseWeights(editor: GraphEditor, layer: Node, style: QdqStyle, grids: ReadonlyMap<Value, Grid>): void {
  const [x, weight, bias] = layer.inputs;
  if (x === undefined || weight === undefined || !isConstant(weight)) return;
  const { weights, channels, channelOf } = weightsOf(layer);
  const each = style.perChannel && layer.op !== 'ConvTranspose';
  const limit = style.weights === 'int4' ? 7 : 127;
  const peaks = new Float64Array(each ? channels : 1);
  const of = (i: number): number => (each ? channelOf(i) : 0);
  for (const [i, w] of weights.entries()) peaks[of(i)] = Math.max(peaks[of(i)]!, Math.abs(w));
  const scales = Float32Array.from(peaks, (peak) => {
    const scale = Math.max(1e-8, peak) / limit;
    return style.powers === true ? 2 ** Math.ceil(Math.log2(scale)) : scale;
  });
  const zero = style.weights === 'uint8' ? 128 : 0;
  const integers = Tensor.zeros(style.weights, weight.constant.dims);
  for (const [i, w] of weights.entries()) {
    integers.data[i] = zero + Math.max(-limit, Math.min(limit, roundHalfEven(w / scales[of(i)]!)));
  }
  const axis = layer.op === 'Gemm' ? 1 : 0;
  editor.setInput(layer, 1, dequantised(editor, layer, integers, scales, zero, weight.name, each ? axis : undefined));
  const input = grids.get(x);
  if (bias === undefined || !isConstant(bias) || style.bias === 'float' || input === undefined) return;
  const units = scales.map((scale) => scale * input.scale);
  const sums = bias.constant.toNumbers().map((b, c) => roundHalfEven(b / units[each ? c : 0]!));
  const stored = new Tensor('int32', bias.constant.dims, Int32Array.from(sums));
  editor.setInput(layer, 2, dequantised(editor, layer, stored, units, 0, bias.name, each ? 0 : undefined));
}

function dequantised(
  editor: GraphEditor,
  layer: Node,
  integers: Tensor,
  scales: Float32Array,
  zero: number,
  name: string,
  axis: number | undefined,
): Value {
  const dims = axis === undefined ? [] : [scales.length];
  const zeros = Tensor.zeros(integers.dtype, dims);
  for (let i = 0; i < zeros.size; i++) zeros.data[i] = zero;
  const [result] = editor.addNode(
    {
      op: 'DequantizeLinear',
      name: `${name}/dequantise`,
      inputs: [
        editor.constant(integers, `${name}/integers`),
        editor.constant(new Tensor('float32', dims, scales), `${name}/scale`),
        editor.constant(zeros, `${name}/zero_point`),
      ],
      attrs: axis === undefined ? Attributes.none : Attributes.of({ axis }),
      outputs: [{ name: `${name}/real`, type: { dtype: 'float32', shape: integers.dims } }],
    },
    layer,
  ).outputs;
  return result!;
}

function quantiseActivation(editor: GraphEditor, value: Value, { dtype, scale, zero }: Grid): void {
  const { name } = value;
  const uses = [...value.uses];
  const delivered = editor.graph.outputs.filter((output) => output.value === value);
  const readers = new Set(uses.map(({ node }) => node));
  const before = editor.graph.nodes.find((node) => readers.has(node));
  const zeroPoint = Tensor.zeros(dtype, []);
  zeroPoint.data[0] = zero;
  const parameters = [
    editor.constant(Tensor.float32([], [scale]), `${name}/scale`),
    editor.constant(zeroPoint, `${name}/zero_point`),
  ];
  const add = (op: string, input: Value, of: DType): Value =>
    editor.addNode(
      {
        op,
        name: `${name}/${op}`,
        inputs: [input, ...parameters],
        outputs: [{ name: `${name}/${op}`, type: { dtype: of, shape: value.type.shape } }],
      },
      before,
    ).outputs[0]!;
  const rounded = add('DequantizeLinear', add('QuantizeLinear', value, dtype), 'float32');
  for (const { node, index } of uses) editor.setInput(node, index, rounded);
  for (const output of delivered) editor.setOutput(output, rounded);
}
