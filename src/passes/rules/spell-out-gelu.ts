import type { Value } from '../../ir/graph.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Builder, type Rule } from '../rule.js';
import { scalar } from '../scalar.js';

/**
 * Gelu(x) → ½x · (1 + Erf(x · √½)), or with `approximate` ½x · (1 + Tanh(x · √(2/π) · (1 + 0.044715 x²))), by operators
 * that opset 17 has. Equal for finite elements up to the float32 rounding of each operation.
 */
export const spellOutGelu: Rule = rule({
  name: 'spell-out-gelu',
  match: op('Gelu', [any('x')], { as: 'gelu' }),
  rewrite: ({ x, gelu }, to) => {
    if (x.type.dtype !== 'float32') return decline('the data are not float32', gelu);
    const core = gelu.attrs.string('approximate', 'none') === 'tanh' ? tanhCore(x, to) : erfCore(x, to);
    const gate = to.op('Add', [core, scalar(to, 1)], {}, { part: 'gate' });
    return to.op('Mul', [to.op('Mul', [x, scalar(to, 0.5)], {}, { part: 'half' }), gate]);
  },
});

function erfCore(x: Value, to: Builder): Value {
  const argument = to.op('Mul', [x, scalar(to, Math.SQRT1_2)], {}, { part: 'argument' });
  return to.op('Erf', [argument], {}, { part: 'erf' });
}

function tanhCore(x: Value, to: Builder): Value {
  const square = to.op('Mul', [x, x], {}, { part: 'square' });
  const bent = to.op('Mul', [square, scalar(to, 0.044715)], {}, { part: 'bent' });
  const slope = to.op('Add', [bent, scalar(to, 1)], {}, { part: 'slope' });
  const scaled = to.op('Mul', [x, scalar(to, Math.sqrt(2 / Math.PI))], {}, { part: 'scaled' });
  return to.op('Tanh', [to.op('Mul', [scaled, slope], {}, { part: 'argument' })], {}, { part: 'tanh' });
}
