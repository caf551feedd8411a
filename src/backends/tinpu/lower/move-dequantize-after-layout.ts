import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { rule, type Rule } from '../../../passes/rule.js';
import { LAYOUT_OPERATORS } from '../roles.js';

/** Layout(q.Dequantize(x)) → q.Dequantize(Layout(x)): moving elements and taking maxima commute with scaling (T12, T16, T18). */
export const moveDequantizeAfterLayout: Rule = rule({
  name: 'move-dequantize-after-layout',
  match: op(
    [...LAYOUT_OPERATORS, 'MaxPool'],
    [op('q.Dequantize', [any('x')], { as: 'dequantize' }), maybe(constant('operand'))],
    { as: 'layout' },
  ),
  rewrite: ({ x, operand, layout, dequantize }, to) => {
    const inputs = operand === undefined ? [x] : [x, operand];
    const { quantisation } = x.type;
    const moved = to.op(layout.op, inputs, layout.attrs, { quantisation, heir: true });
    return to.op('q.Dequantize', [moved], dequantize.attrs, { part: 'dequantized', bare: true });
  },
});
