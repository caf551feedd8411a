import { isConstant } from '../../ir/graph.js';
import { sameShape } from '../../ir/shape.js';
import { clipped } from '../bounds.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { splatOf } from '../splat.js';
import { decline, rule, type Rule } from '../rule.js';

/** Min or Max of one value and of constants whose elements are all equal → Clip. */
export const rewriteMinMaxAsClip: Rule = rule({
  name: 'rewrite-min-max-as-clip',
  match: having(op(['Min', 'Max'], undefined, { as: 'node' }), ({ inputs }) =>
    inputs.filter((input) => input !== undefined && !isConstant(input)).length === 1
      ? undefined
      : 'more than one input is not constant',
  ),
  rewrite: ({ node }, to) => {
    const x = node.inputs.find((input) => input !== undefined && !isConstant(input));
    if (x?.type.dtype !== 'float32') return decline('the data are not float32', node);
    const limits = node.inputs.flatMap((input) => (input === x ? [] : [splatOf(input)]));
    if (!limits.every((limit) => limit !== undefined)) return decline('the elements of a constant differ', node);
    if (!sameShape(x.type.shape, node.outputs[0]?.type.shape ?? [])) return decline('a constant adds elements', node);
    return clipped(
      to,
      x,
      node.op === 'Max' ? { lo: Math.max(...limits), hi: Infinity } : { lo: -Infinity, hi: Math.min(...limits) },
    );
  },
});
