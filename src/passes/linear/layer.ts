import { isConstant, type ConstantValue, type Node, type Value } from '../../ir/graph.js';
import { sizeOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import { decline, type Builder, type Decline } from '../rule.js';
import type { ChannelAffine } from './affine.js';
import { elementsOf, isDecline, isFoldable, rounded, type FoldedDType } from './fold.js';

/** Operators that are linear in their first input, with constant weights. */
export const LAYERS: readonly string[] = ['Conv', 'ConvTranspose', 'Gemm', 'MatMul'];

/** A convolution or matrix product by constant weights. */
export interface LinearLayer {
  readonly node: Node;
  readonly x: Value;
  readonly weight: ConstantValue;
  readonly bias: ConstantValue | undefined;
  readonly dtype: FoldedDType;
  /** The axis of the channels, in data and result alike. */
  readonly axis: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Whether it can be given a bias; a MatMul of rank 2 becomes a Gemm. */
  readonly takesBias: boolean;
  /** Input and output channel of the weights' first two axes. */
  readonly channelsAt: (a: number, b: number) => readonly [input: number, output: number];
}

/** New weights and bias; a bias that was left out stays so when nothing is added. */
export interface FoldedConstants {
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
}

/** Reads a node of `LAYERS`; a Gemm must be plain (alpha = beta = 1, nothing transposed, bias [M]). */
export function readLayer(node: Node): LinearLayer | Decline {
  const [x, weight, bias] = node.inputs;
  if (x === undefined || weight === undefined || !isConstant(weight))
    return decline('the weights are not constant', node);
  if (bias !== undefined && !isConstant(bias)) return decline('the bias is not constant', node);
  if (!isFoldable(weight)) return decline(`weights of ${weight.type.dtype} are not folded`, node);
  const { dims } = weight.constant;
  const [a = 1, b = 1] = dims;
  const common = { node, x, weight, bias, dtype: weight.type.dtype };
  const group = node.attrs.has('group') ? node.attrs.int('group') : 1;
  switch (node.op) {
    case 'Conv': {
      const perGroup = a / group;
      const channelsAt = (m: number, c: number): [number, number] => [Math.floor(m / perGroup) * b + c, m];
      return { ...common, axis: 1, inputs: b * group, outputs: a, takesBias: true, channelsAt };
    }
    case 'ConvTranspose': {
      const perGroup = a / group;
      const channelsAt = (c: number, m: number): [number, number] => [c, Math.floor(c / perGroup) * b + m];
      return { ...common, axis: 1, inputs: a, outputs: b * group, takesBias: true, channelsAt };
    }
    default: {
      if (dims.length !== 2) return decline(`weights of rank ${dims.length} are no matrix`, node);
      if (!isPlain(node, bias)) return decline('the Gemm is not in its plain form', node);
      const rank = x.type.shape.length;
      if (rank < 2) return decline('the data are a single row', node);
      const channelsAt = (k: number, m: number): [number, number] => [k, m];
      return { ...common, axis: rank - 1, inputs: a, outputs: b, takesBias: rank === 2, channelsAt };
    }
  }
}

const isPlain = ({ attrs }: Node, bias: Value | undefined): boolean =>
  attrs.float('alpha', 1) === 1 &&
  attrs.float('beta', 1) === 1 &&
  attrs.int('transA', 0) === 0 &&
  attrs.int('transB', 0) === 0 &&
  (bias === undefined || bias.type.shape.length === 1);

/** Constants of affine(layer(x)): both weights and bias scaled by output channel. */
export function scaleOutputs(layer: LinearLayer, { scale, shift }: ChannelAffine): FoldedConstants | Decline {
  const bias = biasOf(layer);
  for (let m = 0; m < layer.outputs; m++) bias[m] = (bias[m] ?? 0) * (scale[m] ?? 0) + (shift[m] ?? 0);
  return finish(layer, bias, (_, output) => scale[output] ?? 0);
}

/**
 * Constants of layer(affine(x)): weights scaled by input channel, the bias grown by what the shifts amount to. Right
 * only where every output sees all of the weights.
 */
export function scaleInputs(layer: LinearLayer, { scale, shift }: ChannelAffine): FoldedConstants | Decline {
  const bias = biasOf(layer);
  forConnections(layer, (index, input, output) => {
    bias[output] = (bias[output] ?? 0) + index * (shift[input] ?? 0);
  });
  return finish(layer, bias, (input) => scale[input] ?? 0);
}

const biasOf = (layer: LinearLayer): Float64Array =>
  layer.bias === undefined ? new Float64Array(layer.outputs) : Float64Array.from(elementsOf(layer.bias) ?? []);

/** Calls back with the sum of the weights that connect two channels. */
function forConnections(layer: LinearLayer, visit: (sum: number, input: number, output: number) => void): void {
  const { dims } = layer.weight.constant;
  const weights = elementsOf(layer.weight) ?? [];
  const [rows = 1, columns = 1] = dims;
  const rest = sizeOf(dims.slice(2));
  for (let a = 0, at = 0; a < rows; a++) {
    for (let b = 0; b < columns; b++) {
      let sum = 0;
      for (let k = 0; k < rest; k++) sum += weights[at++] ?? 0;
      const [input, output] = layer.channelsAt(a, b);
      visit(sum, input, output);
    }
  }
}

function finish(
  layer: LinearLayer,
  bias: Float64Array,
  factor: (input: number, output: number) => number,
): FoldedConstants | Decline {
  const { dims } = layer.weight.constant;
  const weights = Float64Array.from(elementsOf(layer.weight) ?? []);
  const [rows = 1, columns = 1] = dims;
  const rest = sizeOf(dims.slice(2));
  for (let a = 0, at = 0; a < rows; a++) {
    for (let b = 0; b < columns; b++) {
      const [input, output] = layer.channelsAt(a, b);
      const scale = factor(input, output);
      for (let k = 0; k < rest; k++, at++) weights[at] = (weights[at] ?? 0) * scale;
    }
  }
  const weight = rounded(layer.dtype, dims, weights, layer.node);
  if (isDecline(weight)) return weight;
  if (layer.bias === undefined && bias.every((value) => value === 0)) return { weight, bias: undefined };
  if (!layer.takesBias) return decline('a MatMul of more than two axes has no bias', layer.node);
  const folded = rounded(layer.dtype, [layer.outputs], bias, layer.node);
  return isDecline(folded) ? folded : { weight, bias: folded };
}

/** The layer on `x` with other constants. A MatMul of rank 2 becomes a Gemm. */
export function rebuildLayer(to: Builder, layer: LinearLayer, x: Value, { weight, bias }: FoldedConstants): Value {
  const { node } = layer;
  const inputs = [x, to.constant(weight, layer.weight.name)];
  if (bias !== undefined) inputs.push(to.constant(bias, layer.bias?.name ?? `${layer.weight.name}.bias`));
  const isConv = node.op === 'Conv' || node.op === 'ConvTranspose';
  if (isConv) return to.op(node.op, inputs, node.attrs);
  return to.op(layer.takesBias ? 'Gemm' : 'MatMul', inputs);
}
