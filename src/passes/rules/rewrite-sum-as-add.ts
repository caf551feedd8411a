import { Tensor } from '../../ir/tensor.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Sum(a, b, c, …) → Add(Add(a, b), c) …; Mean of the same → that, divided by how many they are. */
export const rewriteSumAsAdd: Rule = rule({
  name: 'rewrite-sum-as-add',
  match: having(op(['Sum', 'Mean'], undefined, { as: 'node' }), (node) =>
    node.inputs.length > 1 ? undefined : 'it has one input',
  ),
  rewrite: ({ node }, to) => {
    const [first, ...others] = node.inputs.filter((input) => input !== undefined);
    if (first === undefined) return decline('it has no input', node);
    const sum = others.reduce((a, b) => to.op('Add', [a, b]), first);
    if (node.op === 'Sum') return sum;
    const count = Tensor.zeros(first.type.dtype, []);
    if (count.data instanceof BigInt64Array || count.data instanceof BigUint64Array) {
      return decline(`a Mean of ${first.type.dtype} is not defined`, node);
    }
    count.data[0] = node.inputs.length;
    return to.op('Div', [sum, to.constant(count, 'count')]);
  },
});
