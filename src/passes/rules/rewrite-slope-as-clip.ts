import type { Node } from '../../ir/graph.js';
import { clipped } from '../bounds.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { splatOf } from '../splat.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * LeakyRelu, PRelu, ThresholdedRelu or Elu that is 0 below 0 → Clip(x, 0). Equal for all finite elements (a slope of 0
 * makes NaN of an infinite one).
 */
export const rewriteSlopeAsClip: Rule = rule({
  name: 'rewrite-slope-as-clip',
  match: having(op(['LeakyRelu', 'PRelu', 'ThresholdedRelu', 'Elu'], undefined, { as: 'node' }), (node) =>
    slopeOf(node) === 0 ? undefined : 'it is not 0 below 0',
  ),
  rewrite: ({ node }, to) => {
    const [x] = node.inputs;
    if (x?.type.dtype !== 'float32') return decline('the data are not float32', node);
    return clipped(to, x, { lo: 0, hi: Infinity });
  },
});

function slopeOf({ op: name, attrs, inputs }: Node): number | undefined {
  if (name === 'PRelu') return splatOf(inputs[1]);
  return attrs.float('alpha', name === 'LeakyRelu' ? 0.01 : 1);
}
