import type { Node } from '../../ir/graph.js';
import type { Shape } from '../../ir/shape.js';
import { axesInput } from './axis-map.js';

/** What a reduction amounts to when only axes larger than 1 count. */
export type Reach = 'nothing' | 'spatial' | 'other' | 'unknown';

/** Whether a Reduce… operator reduces all spatial axes of [N, C, …], and them alone; axes of size 1 count as either. */
export function reachOf(reduction: Node): Reach {
  const [data, given] = reduction.inputs;
  const shape: Shape = data?.type.shape ?? [];
  const all = given === undefined || given.type.shape[0] === 0;
  const idle = all && reduction.attrs.int('noop_with_empty_axes', 0) === 1;
  const every = idle ? [] : shape.map((_, axis) => axis);
  const axes = all ? every : axesInput(given, shape.length);
  if (axes === undefined) return 'unknown';
  const large = axes.filter((axis) => shape[axis] !== 1);
  if (large.length === 0) return 'nothing';
  if (shape.length < 3 || large.some((axis) => axis < 2)) return 'other';
  return shape.every((dim, axis) => axis < 2 || dim === 1 || axes.includes(axis)) ? 'spatial' : 'other';
}
