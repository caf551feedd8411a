import { isConstant, type Value } from '../../ir/graph.js';
import { squeezed, unsqueezed } from '../layout/axis-map.js';
import { withSpatialAxis } from '../layout/window.js';
import { any, maybe, op } from '../pattern.js';
import { having } from '../having.js';
import { rule, type Builder, type Rule } from '../rule.js';

/** Conv or ConvTranspose of [N, C, L] → Squeeze of the same with a kernel [k, 1] on [N, C, L, 1]. */
export const widenConv: Rule = rule({
  name: 'widen-conv',
  match: having(
    op(['Conv', 'ConvTranspose'], [any('x'), any('weight'), maybe(any('bias'))], { as: 'conv' }),
    ({ inputs: [x] }) => (x?.type.shape.length === 3 ? undefined : 'the data are not one-dimensional'),
  ),
  rewrite: ({ x, weight, bias, conv }, to) => {
    const inputs = [unsqueezed(to, x, [3], { bare: true }), widened(to, weight), ...(bias === undefined ? [] : [bias])];
    return squeezed(to, to.op(conv.op, inputs, withSpatialAxis(conv.attrs), { heir: true }), [3], { bare: true });
  },
});

const widened = (to: Builder, weight: Value): Value =>
  isConstant(weight)
    ? to.constant(weight.constant.reshape([...weight.constant.dims, 1]), weight.name)
    : unsqueezed(to, weight, [3]);
