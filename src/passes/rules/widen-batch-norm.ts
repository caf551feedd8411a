import { squeezed, unsqueezed } from '../layout/axis-map.js';
import { having } from '../having.js';
import { any, op } from '../pattern.js';
import { rule, type Rule } from '../rule.js';

/** BatchNormalization of [N, C, L] → Squeeze of the same on [N, C, L, 1]. */
export const widenBatchNorm: Rule = rule({
  name: 'widen-batch-norm',
  match: having(
    op('BatchNormalization', [any('x'), any('scale'), any('bias'), any('mean'), any('variance')], { as: 'node' }),
    ({ inputs: [x] }) => (x?.type.shape.length === 3 ? undefined : 'the data are not one-dimensional'),
  ),
  rewrite: ({ x, scale, bias, mean, variance, node }, to) =>
    squeezed(
      to,
      to.op(node.op, [unsqueezed(to, x, [3], { bare: true }), scale, bias, mean, variance], node.attrs, { heir: true }),
      [3],
      { bare: true },
    ),
});
