import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { boundsOf, clipped, type Bounds } from '../bounds.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * Clip → Clip with scalar constant bounds, without those that do not bound (an infinity or the largest float32); a Clip
 * without bounds vanishes, and an empty interval becomes its upper bound.
 */
export const simplifyClip: Rule = rule({
  name: 'simplify-clip',
  match: having(op('Clip', undefined, { as: 'clip' }), (clip) => {
    const bounds = boundsOf(clip);
    return bounds !== undefined && isPlain(clip, bounds) ? 'it is in its plainest form' : undefined;
  }),
  rewrite: ({ clip }, to) => {
    const [x] = clip.inputs;
    const bounds = boundsOf(clip);
    if (x?.type.dtype !== 'float32') return decline('the data are not float32', clip);
    return bounds === undefined ? decline('the bounds are not constant', clip) : clipped(to, x, bounds);
  },
});

function isPlain({ inputs }: Node, { lo, hi }: Bounds): boolean {
  const states = (bound: Value | undefined, limit: number): boolean =>
    bound === undefined
      ? !Number.isFinite(limit)
      : isConstant(bound) && bound.constant.rank === 0 && bound.constant.data[0] === limit && Number.isFinite(limit);
  const [, low, high] = inputs;
  return inputs.length > 1 && inputs.at(-1) !== undefined && states(low, lo) && states(high, hi);
}
