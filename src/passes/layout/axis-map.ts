import { Attributes } from '../../ir/attributes.js';
import type { Node, Value } from '../../ir/graph.js';
import { integersOf } from '../../ir/ops/facts.js';
import { permutation } from '../../ir/ops/transpose.js';
import { isStatic, normaliseAxis, stridesOf, type Dim, type Shape } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { copyElements } from '../../runtime/float/strided-copy.js';
import type { Builder, ResultOptions } from '../rule.js';

/**
 * Two ways of looking at one tensor: axis i of the first is axis `axes[i]` of the second, which has `rank` axes; those
 * that `axes` does not name have size 1.
 */
export interface AxisMap {
  readonly axes: readonly number[];
  readonly rank: number;
}

export const isIdentity = ({ axes, rank }: AxisMap): boolean =>
  axes.length === rank && axes.every((axis, i) => axis === i);

export const sameMap = (a: AxisMap, b: AxisMap): boolean =>
  a.rank === b.rank && a.axes.length === b.axes.length && a.axes.every((axis, i) => axis === b.axes[i]);

/** Axes of the second tensor that the first lacks, in order. */
export const addedAxes = ({ axes, rank }: AxisMap): number[] =>
  Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis));

/** The permutation that undoes another. */
export function inverse(perm: readonly number[]): number[] {
  const result = new Array<number>(perm.length);
  for (const [i, axis] of perm.entries()) result[axis] = i;
  return result;
}

/** The integers of an input as axes 0 … rank - 1; undefined when they are not known or out of range. */
export function axesInput(value: Value | undefined, rank: number): number[] | undefined {
  const integers = value && integersOf(value);
  if (integers === undefined || !isStatic(integers)) return undefined;
  const axes = integers.map((axis) => normaliseAxis(axis, rank));
  return axes.every((axis) => axis !== undefined) ? axes : undefined;
}

/** The permutation of a Transpose. */
export const permOf = (node: Node): readonly number[] => permutation(node, node.inputs[0]?.type.shape.length ?? 0);

/** Axes that a Squeeze drops from its input, or an Unsqueeze inserts into its result, in order. */
export function unitAxes(node: Node): number[] | undefined {
  const [data, axes] = node.inputs;
  const [result] = node.outputs;
  if (data === undefined || result === undefined) return undefined;
  const { shape } = data.type;
  if (node.op === 'Squeeze' && axes === undefined) {
    return isStatic(shape) ? shape.flatMap((dim, axis) => (dim === 1 ? [axis] : [])) : undefined;
  }
  const rank = node.op === 'Squeeze' ? shape.length : result.type.shape.length;
  return axesInput(axes, rank)?.sort((a, b) => a - b);
}

/** From the result of a Transpose or Squeeze to its input. */
export function mapToInput(node: Node): AxisMap | undefined {
  const rank = node.inputs[0]?.type.shape.length ?? 0;
  if (node.op === 'Transpose') return { axes: permOf(node), rank };
  const dropped = node.op === 'Squeeze' ? unitAxes(node) : undefined;
  return dropped && without(rank, dropped);
}

/** From the input of a Transpose or Unsqueeze to its result. */
export function mapToResult(node: Node): AxisMap | undefined {
  const rank = node.outputs[0]?.type.shape.length ?? 0;
  if (node.op === 'Transpose') return { axes: inverse(permOf(node)), rank };
  const inserted = node.op === 'Unsqueeze' ? unitAxes(node) : undefined;
  return inserted && without(rank, inserted);
}

const without = (rank: number, missing: readonly number[]): AxisMap => ({
  axes: Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !missing.includes(axis)),
  rank,
});

/** The shape of the second tensor. A first one of fewer axes than the map has is aligned at its last axis, as in broadcasting. */
export function mapShape(shape: Shape, { axes, rank }: AxisMap): Dim[] {
  const result = new Array<Dim>(rank).fill(1);
  for (const [i, dim] of shape.entries()) {
    const axis = axes[i + axes.length - shape.length];
    if (axis !== undefined) result[axis] = dim;
  }
  return result;
}

/** Whether the elements lie in the same order in both tensors: only axes of size 1 change places. */
export function keepsOrder(shape: Shape, { axes }: AxisMap): boolean {
  const moving = shape.flatMap((dim, i) => (dim === 1 ? [] : [axes[i + axes.length - shape.length] ?? 0]));
  return moving.every((axis, i) => i === 0 || (moving[i - 1] ?? 0) < axis);
}

/** The second tensor of a constant, aligned as in `mapShape`. */
export function mapTensor(tensor: Tensor, map: AxisMap): Tensor {
  const dims = mapShape(tensor.dims, map).map(Number);
  if (keepsOrder(tensor.dims, map)) return tensor.reshape(dims);
  const source = new Array<number>(map.rank).fill(0);
  for (const [i, stride] of stridesOf(tensor.dims).entries()) {
    const axis = map.axes[i + map.axes.length - tensor.rank];
    if (axis !== undefined) source[axis] = stride;
  }
  const target = Tensor.zeros(tensor.dtype, dims);
  copyElements(dims, { tensor, offset: 0, strides: source }, { tensor: target, offset: 0, strides: stridesOf(dims) });
  return target;
}

/** The value with result axis i being axis `perm[i]`. */
export function transposed(to: Builder, value: Value, perm: readonly number[], result?: ResultOptions): Value {
  if (isIdentity({ axes: perm, rank: perm.length })) return value;
  return to.op('Transpose', [value], Attributes.of({ perm }), result);
}

/** The value without the given axes of size 1. */
export const squeezed = (to: Builder, value: Value, axes: readonly number[], result?: ResultOptions): Value =>
  axes.length === 0 ? value : to.op('Squeeze', [value, to.constant(Tensor.int64(axes), 'axes')], {}, result);

/** The value with axes of size 1 at the given places of the result. */
export const unsqueezed = (to: Builder, value: Value, axes: readonly number[], result?: ResultOptions): Value =>
  axes.length === 0 ? value : to.op('Unsqueeze', [value, to.constant(Tensor.int64(axes), 'axes')], {}, result);

/** The first tensor of a second one, by at most one Transpose, then at most one Squeeze. */
export function mapBack(to: Builder, value: Value, map: AxisMap, result?: ResultOptions): Value {
  const added = addedAxes(map);
  const rest = map.axes.values();
  const perm = Array.from({ length: map.rank }, (_, axis) => (added.includes(axis) ? axis : (rest.next().value ?? 0)));
  return squeezed(to, transposed(to, value, perm, result), added, result);
}
