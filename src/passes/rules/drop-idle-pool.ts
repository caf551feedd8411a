import type { Node } from '../../ir/graph.js';
import { sameShape } from '../../ir/shape.js';
import { having } from '../having.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** A pool over single elements → its input. */
export const dropIdlePool: Rule = rule({
  name: 'drop-idle-pool',
  match: having(
    op(['MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool'], [any('x')], { as: 'pool' }),
    (node) => (isIdle(node) ? undefined : 'its window has more than one element'),
  ),
  check: ({ pool }) =>
    pool.outputs.length > 1 ? decline('it has a second result, the places of the maxima') : undefined,
  rewrite: ({ x }) => x,
});

/** Whether each window holds one element and there are as many windows as elements. */
function isIdle(pool: Node): boolean {
  const shape = pool.inputs[0]?.type.shape ?? [];
  if (pool.op.startsWith('Global')) return shape.slice(2).every((dim) => dim === 1);
  return (
    pool.attrs.ints('kernel_shape').every((size) => size === 1) && sameShape(shape, pool.outputs[0]?.type.shape ?? [])
  );
}
