import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * Mish(x) → x · Tanh(Softplus(x)), by operators that opset 17 has. Equal for finite elements up to the float32 rounding
 * of each operation.
 */
export const spellOutMish: Rule = rule({
  name: 'spell-out-mish',
  match: op('Mish', [any('x')], { as: 'mish' }),
  rewrite: ({ x, mish }, to) => {
    if (x.type.dtype !== 'float32') return decline('the data are not float32', mish);
    const softplus = to.op('Softplus', [x], {}, { part: 'softplus' });
    return to.op('Mul', [x, to.op('Tanh', [softplus], {}, { part: 'tanh' })]);
  },
});
