import type { GraphEditor } from '../../ir/editor.js';
import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import { trainedWeights, type TrainedWeights } from './trained-grid.js';
import { addReal, constantAt, StripFault, valueOnGrid, zeroPointAt, type RealTensor } from './real-tensors.js';

/** What the operators on integers are rebuilt with. */
export interface LayerContext {
  readonly editor: GraphEditor;
  readonly realOf: (value: Value) => RealTensor | undefined;
  /** Told of the constant weights of a node. */
  readonly weights: (node: Node, weights: TrainedWeights) => void;
}

/** Where an operator on integers has its operands: the tensor, its scale where it has one, its zero point. */
interface Operand {
  readonly tensor: number;
  readonly scale: number | undefined;
  readonly zeroPoint: number;
  /** Axis of the constant along which scale and zero point run. */
  readonly axis: number;
}

/** Input of a QLinearConv or QLinearMatMul at which scale and zero point of the result are. */
export const RESULT_GRID = 6;

/** The real result of a QLinearConv before it is quantised: Conv of the real numbers, with the bias at s_x · s_w. */
export function stripQLinearConv(node: Node, label: string, context: LayerContext): Value {
  const x = operandOf(node, { tensor: 0, scale: 1, zeroPoint: 2, axis: 1 }, context);
  const w = operandOf(node, { tensor: 3, scale: 4, zeroPoint: 5, axis: 0 }, context);
  const bias = node.inputs[8] && biasOf(node, context);
  return rebuilt(node, 'Conv', [x.value, w.value, bias], label, context);
}

export function stripQLinearMatMul(node: Node, label: string, context: LayerContext): Value {
  const a = operandOf(node, { tensor: 0, scale: 1, zeroPoint: 2, axis: -2 }, context);
  const b = operandOf(node, { tensor: 3, scale: 4, zeroPoint: 5, axis: -1 }, context);
  return rebuilt(node, 'MatMul', [a.value, b.value], label, context);
}

/** The sums of a ConvInteger or MatMulInteger as real numbers, and the product of the scales by which they are larger. */
export function stripIntegerProduct(
  node: Node,
  label: string,
  context: LayerContext,
): { readonly value: Value; readonly scale: number } {
  const convolves = node.op === 'ConvInteger';
  const a = operandOf(node, { tensor: 0, scale: undefined, zeroPoint: 2, axis: convolves ? 1 : -2 }, context);
  const b = operandOf(node, { tensor: 1, scale: undefined, zeroPoint: 3, axis: convolves ? 0 : -1 }, context);
  const value = rebuilt(node, convolves ? 'Conv' : 'MatMul', [a.value, b.value], label, context);
  return { value, scale: a.scale * b.scale };
}

function rebuilt(
  node: Node,
  op: string,
  inputs: (Value | undefined)[],
  label: string,
  { editor }: LayerContext,
): Value {
  const [output] = node.outputs;
  if (output === undefined) throw new RangeError('a layer has a result');
  return addReal(editor, node, op, inputs, { label, like: output, attrs: node.attrs });
}

/** An operand as real numbers. Without a scale of its own, constants have scale 1 and other tensors the one they came with. */
function operandOf(
  node: Node,
  { tensor: at, scale: scaleAt, zeroPoint: zeroAt, axis }: Operand,
  context: LayerContext,
): { readonly value: Value; readonly scale: number } {
  const { editor } = context;
  const source = node.inputs[at];
  if (source !== undefined && isConstant(source)) {
    const scale = scaleAt === undefined ? Tensor.float32([], [1]) : constantAt(node, scaleAt, 'scale');
    const zeroPoint = zeroPointAt(node, zeroAt);
    context.weights(node, trainedWeights(source.constant, scale, zeroPoint));
    const real = dequantise(source.constant, scale, zeroPoint, axis);
    return { value: editor.constant(real, `${source.name}/real`), scale: 1 };
  }
  const known = source && context.realOf(source);
  if (known === undefined) {
    throw new StripFault(
      'integer-operand',
      `${node.op} reads integers of which no scale is known, accepted: what a QuantizeLinear or a layer of integers computes`,
      'quantise the model statically, or give the float model',
    );
  }
  const scale = scaleAt === undefined ? known.grid.scale : single(node, constantAt(node, scaleAt, 'scale'), 'scale');
  const zeroPoint = zeroPointAt(node, zeroAt);
  const zero = zeroPoint === undefined ? 0 : single(node, zeroPoint, 'zero point');
  return { value: valueOnGrid(editor, node, known, scale, zero), scale };
}

function single(node: Node, tensor: Tensor, what: string): number {
  const [first, ...others] = tensor.toNumbers();
  if (first !== undefined && others.every((other) => other === first)) return first;
  throw new StripFault(
    'activation-granularity',
    `the activation that ${node.op} reads has ${tensor.size} values for its ${what}, accepted: one for the whole tensor`,
    'quantise activations per tensor',
  );
}

/** (q - zero) · scale, the product rounded to float32 as DequantizeLinear rounds it. */
function dequantise(integers: Tensor, scale: Tensor, zeroPoint: Tensor | undefined, axis: number): Tensor {
  const { dims } = integers;
  const scales = scale.toNumbers();
  const zeros = zeroPoint?.toNumbers() ?? [0];
  const place = axis < 0 ? dims.length + axis : axis;
  const inner = dims.slice(place + 1).reduce((product, dim) => product * dim, 1);
  const size = dims[place] ?? 1;
  const data = Float32Array.from(numberData(integers) ?? [], (q, i) => {
    const channel = Math.floor(i / inner) % size;
    const at = (list: readonly number[]): number => list[list.length === 1 ? 0 : channel] ?? 0;
    return Math.fround(q - at(zeros)) * at(scales);
  });
  return new Tensor('float32', dims, data);
}

function biasOf(node: Node, { editor }: LayerContext): Value {
  const bias = constantAt(node, 8, 'bias');
  const input = single(node, constantAt(node, 1, 'scale'), 'scale');
  const weights = constantAt(node, 4, 'scale').toNumbers();
  const data = Float32Array.from(bias.toNumbers(), (b, c) => b * (weights[weights.length === 1 ? 0 : c] ?? 0) * input);
  return editor.constant(new Tensor('float32', bias.dims, data), `${node.inputs[8]?.name ?? 'bias'}/real`);
}
