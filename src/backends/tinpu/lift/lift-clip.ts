import { opName, type Node } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { any, either, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { rangeOf, type Interval } from '../arithmetic/integer-range.js';
import { carried, carry } from './carried.js';
import { boundsOf, fitsActivation } from './clip-bounds.js';
import { sumRange } from './lift-add.js';

const clipping = op(['q.Bnorm', 'q.Add'], undefined, { as: 'clipping', soleUse: true });

/** Clip or Relu of a carried q.Bnorm or q.Add → the same with the narrower range: TI's exporter clips twice (spec 1.2). */
export const liftClip: Rule = rule({
  name: 'lift-clip',
  match: op(['Clip', 'Relu'], [op('Cast', [clipping], { soleUse: true }), maybe(any('min')), maybe(any('max'))], {
    as: 'clip',
  }),
  rewrite: ({ clipping: node, min, max, clip }, to) => {
    const bounds = boundsOf(clip.op, min, max);
    if (bounds === undefined) return decline('the bounds are not constant', clip);
    const range = narrower(node, bounds);
    if (!fitsActivation(range)) return decline(`the bounds are ${range.lo} … ${range.hi}`, clip);
    return carry(to, to.op(opName(node), node.inputs, { ...range }, { heir: true }));
  },
});

/** What two clips in a row leave. Bounds that no sum reaches give way to those behind them. */
function narrower(node: Node, { lo, hi }: Interval): Interval {
  const own = { lo: node.attrs.int('lo'), hi: node.attrs.int('hi') };
  const [a, b] = node.inputs;
  const reached = node.op === 'Add' && a && b ? sumRange(a, b) : { lo: -Infinity, hi: Infinity };
  return {
    lo: own.lo <= reached.lo && lo >= -32768 ? lo : Math.max(own.lo, lo),
    hi: own.hi >= reached.hi && hi <= 32767 ? hi : Math.min(own.hi, hi),
  };
}

/** Clip or Relu of carried activations that are read without the bounds too, or come from a mover → q.Clip (spec 1.2). */
export const liftFreeClip: Rule = rule({
  name: 'lift-free-clip',
  match: op(['Clip', 'Relu'], [either(carried, op('Identity', [carried])), maybe(any('min')), maybe(any('max'))], {
    as: 'clip',
  }),
  check: ({ x, clip }) =>
    ACTIVATION_TYPES.includes(x.type.dtype) ? undefined : decline(`${x.type.dtype} is no activation`, clip),
  rewrite: ({ x, min, max, clip }, to) => {
    const bounds = boundsOf(clip.op, min, max);
    if (bounds === undefined) return decline('the bounds are not constant', clip);
    const range = rangeOf(x);
    const lo = bounds.lo < -32768 ? Math.min(range.lo, bounds.hi) : bounds.lo;
    const hi = bounds.hi > 32767 ? Math.max(range.hi, lo) : bounds.hi;
    if (!fitsActivation({ lo, hi })) return decline(`the bounds are ${lo} … ${hi}`, clip);
    return carry(to, to.op('q.Clip', [x], { lo, hi }, { heir: true }));
  },
});
