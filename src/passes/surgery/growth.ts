import type { Node, Value } from '../../ir/graph.js';
import { sameShape } from '../../ir/shape.js';

/** Why `x` is no replacement for the result of `last`: constants on the way broadcast it; undefined when they do not. */
export const growth = ({ type }: Value, last: Node): string | undefined =>
  sameShape(type.shape, last.outputs[0]?.type.shape ?? []) ? undefined : 'a constant adds elements';
