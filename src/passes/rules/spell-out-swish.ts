import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';
import { scalar } from '../scalar.js';

/**
 * Swish(x) → x · Sigmoid(alpha · x), by operators that opset 17 has. Equal for finite elements up to the float32
 * rounding of each operation.
 */
export const spellOutSwish: Rule = rule({
  name: 'spell-out-swish',
  match: op('Swish', [any('x')], { as: 'swish' }),
  rewrite: ({ x, swish }, to) => {
    if (x.type.dtype !== 'float32') return decline('the data are not float32', swish);
    const alpha = swish.attrs.float('alpha', 1);
    const argument = alpha === 1 ? x : to.op('Mul', [x, scalar(to, alpha)], {}, { part: 'argument' });
    return to.op('Mul', [x, to.op('Sigmoid', [argument], {}, { part: 'sigmoid' })]);
  },
});
