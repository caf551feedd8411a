import { extentOf, windowAttributes } from '../../ir/ops/window.js';
import { isStatic } from '../../ir/shape.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';
import type { Node } from '../../ir/graph.js';

/** AveragePool whose only window covers the whole map and counts no padding → GlobalAveragePool. */
export const rewriteAveragePoolAsGlobalPool: Rule = rule({
  name: 'rewrite-average-pool-as-global-pool',
  match: op('AveragePool', [any('x')], { as: 'pool' }),
  check: ({ pool }) => (coversAll(pool) ? undefined : decline('its window does not cover the whole map', pool)),
  rewrite: ({ x }, to) => to.op('GlobalAveragePool', [x]),
});

/** Windows of dilation 1 only; what `auto_pad` adds is left to the rule that spells it out. */
function coversAll(pool: Node): boolean {
  const spatial = pool.inputs[0]?.type.shape.slice(2) ?? [];
  const result = pool.outputs[0]?.type.shape.slice(2) ?? [];
  const { dilations, padsBegin, padsEnd, autoPad } = windowAttributes(pool, spatial.length);
  const kernel = pool.attrs.ints('kernel_shape');
  if (!isStatic(spatial) || autoPad.startsWith('SAME')) return false;
  const counts = pool.attrs.int('count_include_pad', 0) === 1;
  return spatial.every((size: number, axis) => {
    const taps = kernel[axis] ?? 1;
    const begin = padsBegin[axis] ?? 0;
    const end = padsEnd[axis] ?? 0;
    if (result[axis] !== 1 || (dilations[axis] ?? 1) !== 1) return false;
    const fits = extentOf(taps, 1) <= begin + size + end;
    return fits && taps - begin >= size && !(counts && begin + end > 0);
  });
}
