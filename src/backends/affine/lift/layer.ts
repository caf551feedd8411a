import { Attributes } from '../../../ir/attributes.js';
import type { Node, Value } from '../../../ir/graph.js';
import { AFFINE_TYPES } from '../../../ir/ops/affine/operands.js';
import { decline, type Decline } from '../../../passes/rule.js';
import { addendOf, type Addend } from './bias.js';
import { integerLayer } from './integer-layer.js';
import { activation, quantisedTensor } from './quantised-tensor.js';

/** An integer accumulator found in a model, in the terms of the affine dialect. */
export interface Layer {
  readonly node: Node;
  /** All that the accumulator stands for, the node among them. */
  readonly nodes: readonly Node[];
  readonly op: 'Conv' | 'ConvTranspose' | 'MatMul';
  readonly attrs: Attributes;
  readonly x: Value;
  readonly xZero: number;
  readonly w: Value;
  /** One, or one a channel. */
  readonly wZeros: readonly number[];
  /** What one unit of the accumulator stands for: one, or one a channel. */
  readonly units: readonly number[];
  readonly bias: Addend | undefined;
  /** Operands that are transposed first. */
  readonly transposed: readonly ('x' | 'w')[];
}

/**
 * The layer that computes a real number: Conv, ConvTranspose, MatMul or Gemm of dequantised operands, or ConvInteger or
 * MatMulInteger whose sums a constant scales. Undefined for anything else.
 */
export function layerOf(node: Node | undefined): Layer | Decline | undefined {
  if (node?.domain !== '') return undefined;
  switch (node.op) {
    case 'Conv':
      return floatLayer(node, 'Conv', 0);
    case 'ConvTranspose':
      return floatLayer(node, 'ConvTranspose', 1);
    case 'MatMul':
      return floatLayer(node, 'MatMul', (node.inputs[1]?.type.shape.length ?? 1) - 1);
    case 'Gemm':
      return gemm(node);
    case 'Mul':
      return integerLayer(node);
    default:
      return undefined;
  }
}

function floatLayer(node: Node, op: Layer['op'], channelAxis: number): Layer | Decline | undefined {
  const weights = quantisedTensor(node.inputs[1]);
  const x = activation(node.inputs[0]);
  if (weights === undefined && x === undefined) return undefined;
  if (x === undefined) return decline('the data are no integers of one scale and at most 16 bits', node);
  if (weights === undefined) return decline('the weights are no integers', node);
  if ('declined' in weights) return { ...weights, node };
  const w = weights.integers;
  if (!AFFINE_TYPES.includes(w.type.dtype)) return decline(`the weights are ${w.type.dtype}`, node);
  if (weights.axis !== undefined && weights.axis !== channelAxis) {
    return decline('the scales of the weights are not those of channels', node);
  }
  if ([x.integers, w].some(({ type }) => type.shape.length < 2)) return decline('an operand is no matrix', node);
  const [, , biasValue] = node.inputs;
  const addend = biasValue && addendOf(biasValue);
  const bias = addend && op !== 'MatMul' ? alongChannels(addend, x.integers.type.shape.length) : addend;
  if (biasValue !== undefined && bias === undefined) return decline('the bias is computed', node);
  return {
    node,
    nodes: [node],
    op,
    attrs: op === 'MatMul' ? Attributes.none : node.attrs,
    x: x.integers,
    xZero: x.zero,
    w,
    wZeros: weights.zeros,
    units: channelScales(node, op, weights.scales).map((scale) => x.scale * scale),
    bias,
    transposed: [],
  };
}

/** The list of biases of a convolution as an addend of its result. */
const alongChannels = (addend: Addend, rank: number): Addend => ({
  ...addend,
  dims: [...addend.dims, ...new Array<number>(rank - 2).fill(1)],
});

/** Scales of the weights of a ConvTranspose serve every group. */
function channelScales(node: Node, op: Layer['op'], scales: readonly number[]): readonly number[] {
  if (op !== 'ConvTranspose' || scales.length === 1) return scales;
  return Array.from({ length: node.attrs.int('group', 1) }, () => scales).flat();
}

/** Gemm: alpha joins the scale, beta the bias. */
function gemm(node: Node): Layer | Decline | undefined {
  const { attrs } = node;
  const flag = (name: string): boolean => attrs.int(name, 0) !== 0;
  const layer = floatLayer(node, 'MatMul', flag('transB') ? 0 : 1);
  if (layer === undefined || 'declined' in layer) return layer;
  const alpha = attrs.float('alpha', 1);
  const beta = attrs.float('beta', 1);
  if (!(alpha > 0)) return decline(`alpha is ${alpha}`, node);
  const scaled = layer.bias && {
    ...layer.bias,
    scales: beta === 1 ? layer.bias.scales : layer.bias.scales.map((scale) => scale * beta),
  };
  return {
    ...layer,
    units: layer.units.map((unit) => unit * alpha),
    bias: scaled,
    transposed: [...(flag('transA') ? (['x'] as const) : []), ...(flag('transB') ? (['w'] as const) : [])],
  };
}

/** The layer behind a value with a constant that is added to it, or without. */
export function biasedLayer(
  source: Value,
): { readonly layer: Layer; readonly nodes: readonly Node[] } | Decline | undefined {
  const { producer } = source;
  const plain = layerOf(producer);
  if (plain !== undefined) return 'declined' in plain ? plain : { layer: plain, nodes: plain.nodes };
  if (producer?.op !== 'Add' || producer.domain !== '') return undefined;
  const [a, b] = producer.inputs;
  if (a === undefined || b === undefined) return undefined;
  for (const [sum, constant] of [
    [a, b],
    [b, a],
  ] as const) {
    const layer = layerOf(sum.producer);
    if (layer === undefined) continue;
    if ('declined' in layer) return layer;
    const bias = addendOf(constant);
    if (bias === undefined) return decline('what is added is computed', producer);
    if (layer.bias !== undefined) return decline('two biases are added', producer);
    if (bias.dims.length > sum.type.shape.length) return decline('the bias adds axes', producer);
    return { layer: { ...layer, bias }, nodes: [...layer.nodes, producer] };
  }
  return undefined;
}

/**
 * Whether every element of a constant belongs to one channel (or the constant to all alike): all axes but that of the
 * channels have size 1.
 */
export function isPerChannel(dims: readonly number[], op: Layer['op'], rank: number): boolean {
  const axis = op === 'MatMul' ? rank - 1 : 1;
  return dims.every((dim, i) => dim === 1 || i + rank - dims.length === axis);
}
