import { hoistLayout, startsAtInput } from '../layout/hoist.js';
import { LAYOUT_KEEPING } from '../layout/relabel.js';
import { opReading } from '../layout/op-reading.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * Transpose(op(x, constant)) → op(Transpose(x), constant') where x comes from a graph input by such operators alone:
 * preprocessing happens in the layout of the layers behind it.
 */
export const hoistTranspose: Rule = rule({
  name: 'hoist-transpose',
  match: opReading(['Transpose'], LAYOUT_KEEPING, 'an operator that it could pass'),
  check: ({ node }, graph) => {
    const [read] = node.inputs;
    if (read !== undefined && startsAtInput(graph, read)) return undefined;
    return decline('the data do not come straight from a graph input', node);
  },
  rewrite: ({ node }, to) => hoistLayout(node, to),
});
