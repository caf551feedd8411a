import { hoistLayout, startsAtInput } from '../layout/hoist.js';
import { RESHAPING } from '../layout/reinterpret.js';
import { LAYOUT_KEEPING } from '../layout/relabel.js';
import { opReading } from '../layout/op-reading.js';
import { decline, rule, type Rule } from '../rule.js';

/** Those of [N, C, H, W]: with more, operators would leave the form that layers are brought into. */
const MOST_AXES = 4;

/**
 * Unsqueeze(op(x, constant)) → op(Unsqueeze(x), constant') where x comes by such operators alone from a graph input or
 * from another operator that only reshapes and absorbs the Unsqueeze.
 */
export const hoistUnsqueeze: Rule = rule({
  name: 'hoist-unsqueeze',
  match: opReading(['Unsqueeze'], LAYOUT_KEEPING, 'an operator that it could pass'),
  check: ({ node }, graph) => {
    const [read] = node.inputs;
    if ((node.outputs[0]?.type.shape.length ?? 0) > MOST_AXES) return decline('layers have four axes at most', node);
    if (read !== undefined && startsAtInput(graph, read, RESHAPING)) return undefined;
    return decline('the data come neither from a graph input nor from a reshaping', node);
  },
  rewrite: ({ node }, to) => hoistLayout(node, to),
});
