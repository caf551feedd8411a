import { soleUser } from '../../ir/graph.js';
import { boundsOf, clipped, composeBounds } from '../bounds.js';
import { any, maybe, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Clip(Clip(x)) → one Clip; the inner one's result when the outer one changes nothing. */
export const mergeClips: Rule = rule({
  name: 'merge-clips',
  match: op('Clip', [op('Clip', undefined, { as: 'inner' }), maybe(any('min')), maybe(any('max'))], { as: 'outer' }),
  rewrite: ({ inner, outer }, to) => {
    const [x] = inner.inputs;
    const [middle] = inner.outputs;
    const first = boundsOf(inner);
    const second = boundsOf(outer);
    if (x === undefined || middle === undefined || first === undefined || second === undefined) {
      return decline('the bounds are not constants of float32', outer);
    }
    const bounds = composeBounds(first, second);
    if (bounds.lo === first.lo && bounds.hi === first.hi) return middle;
    if (soleUser(to.graph, middle) === undefined) return decline(`'${middle.name}' has other readers`, inner);
    return clipped(to, x, bounds);
  },
});
