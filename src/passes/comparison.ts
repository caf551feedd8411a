import type { Node, Value } from '../ir/graph.js';
import { splatOf } from './splat.js';

/** Operators that say for every element whether it is above or below another. */
export const COMPARISONS: readonly string[] = ['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'];

/** A comparison with one number. */
export interface Comparison {
  readonly x: Value;
  readonly limit: number;
  /** The answer is yes above the limit, no below it; at the limit it may be either. */
  readonly isAbove: boolean;
}

/** Reads `x > c`, `c < x` and their like; undefined when neither side is a constant of equal elements. */
export function comparisonOf({ op: name, inputs: [a, b] }: Node): Comparison | undefined {
  const greater = name.startsWith('Greater');
  const right = splatOf(b);
  if (a !== undefined && right !== undefined) return { x: a, limit: right, isAbove: greater };
  const left = splatOf(a);
  return b !== undefined && left !== undefined ? { x: b, limit: left, isAbove: !greater } : undefined;
}
