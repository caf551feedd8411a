import type { Value } from '../ir/graph.js';
import { Tensor } from '../ir/tensor.js';
import type { Builder } from './rule.js';

/** A float32 constant of no axes, the number rounded once. */
export const scalar = (to: Builder, number: number, name?: string): Value =>
  to.constant(Tensor.float32([], [number]), name);
