import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { rule, type Rule } from '../../../passes/rule.js';
import { LAYOUT_OPERATORS } from '../../split/layout-operators.js';

/** q.Quantize(Layout(x)) → Layout(q.Quantize(x)): one scale for all elements, so quantising may come first (T18). */
export const moveQuantizeBeforeLayout: Rule = rule({
  name: 'move-quantize-before-layout',
  match: op(
    'q.Quantize',
    [op([...LAYOUT_OPERATORS], [any('x'), maybe(constant('operand'))], { as: 'layout', soleUse: true })],
    {
      as: 'quantize',
    },
  ),
  rewrite: ({ x, operand, layout, quantize }, to) => {
    const quantisation = quantize.outputs[0]?.type.quantisation;
    const quantised = to.op('q.Quantize', [x], quantize.attrs, { quantisation, part: 'quantized' });
    const inputs = operand === undefined ? [quantised] : [quantised, operand];
    return to.op(layout.op, inputs, layout.attrs, { quantisation });
  },
});
