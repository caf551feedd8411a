import type { Node, Value } from '../../../ir/graph.js';
import { any, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../../../passes/rule.js';
import { layersOf } from '../report/layers.js';
import { placementRefusals, type RuleSet } from '../placement/rules.js';
import { firstChannels, widenedList, widerSource } from './build.js';
import { requantised } from './requantised.js';

/** MaxPool(Slice(x)) → Slice(MaxPool(x)) where x has a legal number of channels; no copy is made for a pool's sake. */
export const widenMaxPool = (rules: RuleSet): Rule =>
  rule({
    name: 'widen-max-pool',
    match: op('MaxPool', [any('x')], { as: 'pool' }),
    rewrite: ({ x, pool }, to) => {
      const source = wideEnough(x, pool, rules, to);
      if ('declined' in source) return source;
      const { quantisation } = x.type;
      const wide = to.op('MaxPool', [source], pool.attrs, { quantisation, part: 'widened' });
      return firstChannels(to, wide, Number(x.type.shape[1]));
    },
  });

/** q.Bnorm(q.GlobalSum(Slice(x))) → Slice(q.Bnorm(q.GlobalSum(x))), likewise. */
export const widenGlobalPool = (rules: RuleSet): Rule =>
  rule({
    name: 'widen-global-pool',
    match: requantised(op('q.GlobalSum', [any('x')], { as: 'sum', soleUse: true })),
    rewrite: ({ x, bias, scale, shift, sum, bnorm }, to) => {
      const source = wideEnough(x, bnorm, rules, to);
      if ('declined' in source) return source;
      const channels = Number(source.type.shape[1]);
      const wide = to.op('q.GlobalSum', [source], {}, { standsFor: sum });
      const list = [
        widenedList(to, bias, channels, 0),
        widenedList(to, scale, channels, 1),
        widenedList(to, shift, channels, 0),
      ];
      const quantisation = bnorm.outputs[0]?.type.quantisation;
      const result = to.op('q.Bnorm', [wide, ...list], bnorm.attrs, { quantisation, part: 'widened' });
      return firstChannels(to, result, Number(x.type.shape[1]));
    },
  });

/** The tensor whose first channels a pool reads, if with all of them it would run on the NPU and without not. */
function wideEnough(x: Value, last: Node, rules: RuleSet, to: Builder): Value | Decline {
  const source = widerSource(x);
  const channels = source?.type.shape[1];
  const shape = layersOf(to.graph).find(({ node }) => node === last)?.shape;
  if (source === undefined || typeof channels !== 'number' || shape === undefined) {
    return decline('the pool reads no first channels of a wider tensor', last);
  }
  if (placementRefusals(shape, rules).length === 0) return decline('the pool meets the rules', last);
  const refusals = placementRefusals({ ...shape, inputChannels: channels, outputChannels: channels }, rules);
  return refusals.length === 0 ? source : decline(`more channels are not all it lacks: ${refusals.join('; ')}`, last);
}
