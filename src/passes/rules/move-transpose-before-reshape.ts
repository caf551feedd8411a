import { permOf, squeezed, transposed, unitAxes, unsqueezed } from '../layout/axis-map.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * Transpose(Unsqueeze(x)) → Unsqueeze(Transpose(x)) and the same with Squeeze: a change of layout is one Transpose
 * followed by one operator that only adds or drops axes of size 1, which the next one may absorb.
 */
export const moveTransposeBeforeReshape: Rule = rule({
  name: 'move-transpose-before-reshape',
  match: op('Transpose', [op(['Squeeze', 'Unsqueeze'], [any('x'), any('axes')], { as: 'inner', soleUse: true })], {
    as: 'transpose',
  }),
  rewrite: ({ x, inner, transpose }, to) => {
    const units = unitAxes(inner);
    if (units === undefined) return decline('its axes are not constant', inner);
    const perm = permOf(transpose);
    const first = { standsFor: transpose };
    const second = { standsFor: inner };
    if (inner.op === 'Unsqueeze') {
      const places = perm.flatMap((axis, i) => (units.includes(axis) ? [i] : []));
      const order = perm.filter((axis) => !units.includes(axis));
      const below = (axis: number): number => axis - units.filter((unit) => unit < axis).length;
      return unsqueezed(to, transposed(to, x, order.map(below), first), places, second);
    }
    const rank = x.type.shape.length;
    const kept = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !units.includes(axis));
    const rest = perm.map((axis) => kept[axis] ?? 0).values();
    const order = Array.from({ length: rank }, (_, axis) => (units.includes(axis) ? axis : (rest.next().value ?? 0)));
    return squeezed(to, transposed(to, x, order, first), units, second);
  },
});
