import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { sameShape } from '../../ir/shape.js';
import { decline, type Decline } from '../rule.js';
import { elementsOf, isFoldable } from './fold.js';

/** Arithmetic with a constant that may be an affine function of the other operand. */
export const ARITHMETIC: readonly string[] = ['Mul', 'Add', 'Div', 'Sub'];

/** Nodes that `readAffine` understands. */
export const AFFINE: readonly string[] = [...ARITHMETIC, 'BatchNormalization'];

/** scale · data + shift, with one scale and one shift for each index along `axis`. */
export interface Affine {
  readonly data: Value;
  /** Undefined when one scale and one shift serve all elements; they are the only entries then. */
  readonly axis: number | undefined;
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** Reads BatchNormalization, or arithmetic with a constant, as an affine function along one axis, in float64. */
export function readAffine(node: Node): Affine | Decline {
  const affine = node.op === 'BatchNormalization' ? readBatchNormalization(node) : readArithmetic(node);
  if ('declined' in affine) return affine;
  if (!isFoldable(affine.data)) return decline(`the data are ${affine.data.type.dtype}`, node);
  if (!affine.scale.every(Number.isFinite) || !affine.shift.every(Number.isFinite)) {
    return decline('a scale or shift is not finite', node);
  }
  return withoutAxisIfUniform(affine);
}

/** The operand of arithmetic with a constant that is not constant, and its place. */
export function dataOperand(
  node: Node,
): { readonly data: Value; readonly constant: Value; readonly place: 0 | 1 } | undefined {
  const [a, b] = node.inputs;
  if (a === undefined || b === undefined || isConstant(a) === isConstant(b)) return undefined;
  return isConstant(a) ? { data: b, constant: a, place: 1 } : { data: a, constant: b, place: 0 };
}

/** y = (x - mean) / √(variance + ε) · γ + β along axis 1 (ONNX BatchNormalization). */
function readBatchNormalization(node: Node): Affine | Decline {
  const [data] = node.inputs;
  const [gamma, beta, mean, variance] = node.inputs.slice(1).map(elementsOf);
  if (data === undefined || gamma === undefined || beta === undefined || mean === undefined || variance === undefined) {
    return decline('the statistics are not constant', node);
  }
  if (data.type.shape.length < 2) return decline('data of rank 1 have no channel axis', node);
  const epsilon = node.attrs.float('epsilon', 1e-5);
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt((variance[c] ?? 0) + epsilon));
  if (!scale.every(Number.isFinite)) return decline('a variance plus epsilon is not above zero', node);
  const shift = scale.map((s, c) => (beta[c] ?? 0) - (mean[c] ?? 0) * s);
  return { data, axis: 1, scale, shift };
}

function readArithmetic(node: Node): Affine | Decline {
  const operands = dataOperand(node);
  const constants = elementsOf(operands?.constant);
  if (operands === undefined || constants === undefined) return decline('neither operand is constant', node);
  const { data, constant, place } = operands;
  const [result] = node.outputs;
  if (result === undefined || !sameShape(result.type.shape, data.type.shape)) {
    return decline('the constant broadcasts the data to another shape', node);
  }
  const { shape } = constant.type;
  const axes = shape.flatMap((dim, i) => (dim === 1 ? [] : [i + data.type.shape.length - shape.length]));
  if (axes.length > 1 && !isUniform(constants)) return decline('the constant varies along more than one axis', node);
  const values = Float64Array.from(axes.length > 1 ? [constants[0] ?? 0] : Array.from(constants));
  const common = { data, axis: axes.length > 1 ? undefined : axes[0] };
  const all = (value: number): Float64Array => new Float64Array(values.length).fill(value);
  switch (node.op) {
    case 'Add':
      return { ...common, scale: all(1), shift: values };
    case 'Sub':
      return place === 0
        ? { ...common, scale: all(1), shift: values.map((c) => -c) }
        : { ...common, scale: all(-1), shift: values };
    case 'Mul':
      return { ...common, scale: values, shift: all(0) };
    case 'Div':
      if (place === 1) return decline('a constant divided by the data is not affine', node);
      if (values.includes(0)) return decline('the data are divided by zero', node);
      return { ...common, scale: values.map((c) => 1 / c), shift: all(0) };
    default:
      return decline(`${node.op} is not affine`, node);
  }
}

function isUniform(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return values.length > 0;
}

function withoutAxisIfUniform(affine: Affine): Affine {
  if (affine.axis === undefined || !isUniform(affine.scale) || !isUniform(affine.shift)) return affine;
  return { ...affine, axis: undefined, scale: affine.scale.slice(0, 1), shift: affine.shift.slice(0, 1) };
}

export const hasShift = ({ shift }: Pick<Affine, 'shift'>): boolean => shift.some((value) => value !== 0);

/** scale · x + shift for each channel, whatever tensor it applies to. */
export type ChannelAffine = Pick<Affine, 'scale' | 'shift'>;

/** `second` after `first`. */
export function composeAffine(first: ChannelAffine, second: ChannelAffine): ChannelAffine {
  return {
    scale: first.scale.map((s, c) => s * (second.scale[c] ?? 0)),
    shift: first.shift.map((t, c) => t * (second.scale[c] ?? 0) + (second.shift[c] ?? 0)),
  };
}
