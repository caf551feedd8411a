import { bitsOf, isSigned, type DType } from '../../../ir/dtype.js';
import type { Node, Quantisation, Value } from '../../../ir/graph.js';
import { AFFINE_TYPES } from '../../../ir/ops/affine/operands.js';
import { normaliseAxis } from '../../../ir/shape.js';
import { decline, type Decline } from '../../../passes/rule.js';
import { constantTensor } from './evaluate.js';

/** Scales and zero points of a quantised tensor: one of each, or one of each for every place on an axis. */
export interface Parameters {
  readonly scales: readonly number[];
  readonly zeros: readonly number[];
  /** Undefined for one scale. */
  readonly axis: number | undefined;
}

/** Integers that stand for real numbers: what a DequantizeLinear reads. */
export interface QuantisedTensor extends Parameters {
  readonly integers: Value;
  readonly node: Node;
}

/** What stands behind a value, when it is the result of DequantizeLinear; a refusal when that is of an unusual kind. */
export function quantisedTensor(value: Value | undefined): QuantisedTensor | Decline | undefined {
  const node = value?.producer;
  if (node?.op !== 'DequantizeLinear' || node.domain !== '') return undefined;
  const [integers] = node.inputs;
  if (integers === undefined) return undefined;
  const parameters = parametersOf(node, integers.type.shape.length);
  return 'declined' in parameters ? parameters : { integers, node, ...parameters };
}

/** The same for a tensor of at most 16 bits with one scale; undefined for anything else. */
export function activation(value: Value | undefined): (QuantisedTensor & Scalar) | undefined {
  const tensor = quantisedTensor(value);
  if (tensor === undefined || 'declined' in tensor || tensor.axis !== undefined) return undefined;
  if (!AFFINE_TYPES.includes(tensor.integers.type.dtype)) return undefined;
  return { ...tensor, scale: tensor.scales[0] ?? 1, zero: tensor.zeros[0] ?? 0 };
}

/** One scale and one zero point. */
export interface Scalar {
  readonly scale: number;
  readonly zero: number;
}

/** Scale and zero point of QuantizeLinear or DequantizeLinear on a tensor of `rank` axes. */
export function parametersOf({ inputs, outputs, attrs }: Node, rank: number): Parameters | Decline {
  const [, scaleValue, zeroValue] = inputs;
  const isFloat32 = [inputs[0], outputs[0]].some((value) => value?.type.dtype === 'float32');
  if (!isFloat32 || scaleValue?.type.dtype !== 'float32') return decline('the real numbers are no float32');
  if (attrs.int('block_size', 0) !== 0) return decline('scales are given in blocks');
  const scale = constantTensor(scaleValue);
  const zero = zeroValue && constantTensor(zeroValue);
  if (scale === undefined || (zeroValue !== undefined && zero === undefined)) return decline('the scale is computed');
  const scales = scale.toNumbers();
  if (!scales.every((item) => item > 0 && Number.isFinite(item))) return decline('a scale is not positive');
  const zeros = zero?.toNumbers() ?? scales.map(() => 0);
  if (scales.length === 1) return { scales, zeros, axis: undefined };
  const axis = normaliseAxis(attrs.int('axis', 1), rank);
  return axis === undefined ? decline('the axis of the scales does not exist') : { scales, zeros, axis };
}

/** The note on a value of the lifted graph that says what its integers stand for. */
export const quantisationOf = (dtype: DType, { scale, zero }: Scalar): Quantisation => ({
  scale,
  bits: bitsOf(dtype),
  signed: isSigned(dtype),
  ...(zero !== 0 && { zeroPoint: zero }),
});
