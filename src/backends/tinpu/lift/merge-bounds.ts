import type { Node } from '../../../ir/graph.js';
import { boundsOf, clipped, composeBounds, type Bounds } from '../../../passes/bounds.js';
import { any, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';

const BOUNDING = ['Clip', 'Relu'];

/**
 * Clip or Relu of a Clip or Relu that nothing else reads → one Clip. TI's exporter writes up to three in a row (spec 1.2),
 * others a bound at a time.
 */
export const mergeBounds: Rule = rule({
  name: 'merge-bounds',
  match: op(BOUNDING, [op(BOUNDING, undefined, { as: 'inner', soleUse: true }), maybe(any('min')), maybe(any('max'))], {
    as: 'outer',
  }),
  rewrite: ({ inner, outer }, to) => {
    const [x] = inner.inputs;
    const [first, second] = [reachOf(inner), reachOf(outer)];
    if (x === undefined || first === undefined || second === undefined)
      return decline('the bounds are not constants of float32', outer);
    return clipped(to, x, composeBounds(first, second));
  },
});

function reachOf(node: Node): Bounds | undefined {
  if (node.op === 'Clip') return boundsOf(node);
  return node.inputs[0]?.type.dtype === 'float32' ? { lo: 0, hi: Infinity } : undefined;
}
