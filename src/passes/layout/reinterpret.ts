import type { Value } from '../../ir/graph.js';
import { productDim } from '../../ir/ops/symbolic.js';
import { isStatic, sameShape, type Shape } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import type { Builder } from '../rule.js';
import { squeezed, unsqueezed } from './axis-map.js';

/** Operators that give the elements of input 0 another shape and nothing else. */
export const RESHAPING: readonly string[] = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'];

/** The plainest operator that reads a tensor under another shape. */
export type Reinterpretation =
  | { readonly op: 'none' }
  /** `axis = 1` */
  | { readonly op: 'Flatten' }
  | { readonly op: 'Squeeze' | 'Unsqueeze'; readonly axes: readonly number[] }
  /** `target` as Reshape reads it: 0 copies a size, -1 takes what is left. */
  | { readonly op: 'Reshape'; readonly target: readonly number[] };

/**
 * How to read a tensor of shape `from` under shape `to` of equally many elements; undefined when `to` has sizes that a
 * constant cannot express.
 */
export function planReinterpretation(from: Shape, to: Shape): Reinterpretation | undefined {
  if (sameShape(from, to)) return { op: 'none' };
  if (flattens(from, to)) return { op: 'Flatten' };
  const inserted = insertedAxes(from, to);
  if (inserted !== undefined) return { op: 'Unsqueeze', axes: inserted };
  const dropped = insertedAxes(to, from);
  if (dropped !== undefined) return { op: 'Squeeze', axes: dropped };
  const target = targetOf(from, to);
  return target && { op: 'Reshape', target };
}

/** Reads `value` under `shape`; undefined when no constant expresses the shape. */
export function reinterpret(to: Builder, value: Value, shape: Shape): Value | undefined {
  const plan = planReinterpretation(value.type.shape, shape);
  switch (plan?.op) {
    case undefined:
      return undefined;
    case 'none':
      return value;
    case 'Flatten':
      return to.op('Flatten', [value], { axis: 1 });
    case 'Squeeze':
      return squeezed(to, value, plan.axes);
    case 'Unsqueeze':
      return unsqueezed(to, value, plan.axes);
    case 'Reshape':
      return to.op('Reshape', [value, to.constant(Tensor.int64(plan.target), 'shape')]);
  }
}

/** Whether `to` is a matrix that keeps the first axis of `from` and merges two or more others. */
function flattens(from: Shape, to: Shape): boolean {
  const [batch, features] = to;
  if (from.length < 3 || to.length !== 2 || batch !== from[0] || batch === 0) return false;
  const product = productDim(from.slice(1));
  return product === features || (typeof features === 'string' && typeof product !== 'string');
}

/** Places in `to` of the axes of size 1 that turn `from` into it; undefined when something else differs. */
function insertedAxes(from: Shape, to: Shape): number[] | undefined {
  const inserted: number[] = [];
  let next = 0;
  for (const [axis, dim] of to.entries()) {
    if (dim === from[next]) next++;
    else if (dim === 1) inserted.push(axis);
    else return undefined;
  }
  return next === from.length ? inserted : undefined;
}

/** The shape input of a Reshape; a leading size that stays is copied, so that it may change. */
function targetOf(from: Shape, to: Shape): number[] | undefined {
  if (to.includes(0)) return isStatic(to) && to.every((dim, i) => dim !== 0 || from[i] === 0) ? [...to] : undefined;
  const target = to.map((dim, i) => (dim === from[i] && (i === 0 || typeof dim === 'string') ? 0 : dim));
  const unknown = target.filter((dim) => typeof dim === 'string');
  if (unknown.length > 1) return undefined;
  return target.map((dim) => (typeof dim === 'string' ? -1 : dim));
}
