import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import { decline, type Decline } from '../rule.js';

/** Element types that constants are folded in: those whose stores round by themselves. */
export type FoldedDType = 'float32' | 'float64';

export const isFoldable = (value: Value): value is Value & { readonly type: { readonly dtype: FoldedDType } } =>
  value.type.dtype === 'float32' || value.type.dtype === 'float64';

export const isDecline = (result: object): result is Decline => 'declined' in result;

/** The elements of a constant as numbers; undefined for computed values and 64-bit integers. */
export const elementsOf = (value: Value | undefined): ArrayLike<number> | undefined =>
  value !== undefined && isConstant(value) ? numberData(value.constant) : undefined;

/** Values computed in float64, rounded once; refuses those that are not finite afterwards. */
export function rounded(
  dtype: FoldedDType,
  dims: readonly number[],
  values: Float64Array,
  node: Node,
): Tensor | Decline {
  const tensor =
    dtype === 'float32' ? new Tensor(dtype, dims, new Float32Array(values)) : new Tensor(dtype, dims, values);
  if (tensor.data.every(Number.isFinite)) return tensor;
  return decline('a folded constant would not be finite', node);
}
