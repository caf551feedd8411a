import { permOf, transposed } from '../layout/axis-map.js';
import { any, op } from '../pattern.js';
import { rule, type Rule } from '../rule.js';

/** Transpose(Transpose(x)) → Transpose(x), or x when the two cancel. */
export const composeTransposes: Rule = rule({
  name: 'compose-transposes',
  match: op('Transpose', [op('Transpose', [any('x')], { as: 'inner' })], { as: 'outer' }),
  rewrite: ({ x, inner, outer }, to) => {
    const first = permOf(inner);
    const perm = permOf(outer).map((axis) => first[axis] ?? 0);
    return transposed(to, x, perm);
  },
});
