import { squeezed, unsqueezed } from '../layout/axis-map.js';
import { withSpatialAxis } from '../layout/window.js';
import { having } from '../having.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

const POOLS = ['MaxPool', 'AveragePool', 'LpPool', 'GlobalAveragePool', 'GlobalMaxPool'];

/** A pool of [N, C, L] → Squeeze of the same pool with a window [k, 1] on [N, C, L, 1]. */
export const widenPool: Rule = rule({
  name: 'widen-pool',
  match: having(op(POOLS, [any('x')], { as: 'pool' }), ({ inputs: [x] }) =>
    x?.type.shape.length === 3 ? undefined : 'the data are not one-dimensional',
  ),
  check: ({ pool }) =>
    pool.outputs.length > 1 ? decline('it has a second result, the places of the maxima') : undefined,
  rewrite: ({ x, pool }, to) =>
    squeezed(
      to,
      to.op(pool.op, [unsqueezed(to, x, [3], { bare: true })], withSpatialAxis(pool.attrs), { heir: true }),
      [3],
      { bare: true },
    ),
});
