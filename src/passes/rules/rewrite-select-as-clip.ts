import { sameShape } from '../../ir/shape.js';
import { clipped } from '../bounds.js';
import { comparisonOf, COMPARISONS } from '../comparison.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';
import { splatOf } from '../splat.js';

/**
 * Where(x > c, x, c), Where(x < c, c, x) and their like → Clip(x, c) or Clip(x, _, c), for a constant c whose elements
 * are all equal. Equal for all elements but NaN, which Where replaces by c in half of the forms.
 */
export const rewriteSelectAsClip: Rule = rule({
  name: 'rewrite-select-as-clip',
  match: op('Where', [op(COMPARISONS, undefined, { as: 'comparison' }), any('yes'), any('no')], { as: 'where' }),
  rewrite: ({ comparison, yes, no, where }, to) => {
    const compared = comparisonOf(comparison);
    if (compared === undefined) return decline('it does not compare with a constant', comparison);
    const { x, limit, isAbove } = compared;
    const other = yes === x ? no : no === x ? yes : undefined;
    if (other === undefined) return decline('it does not choose what it compares', where);
    if (x.type.dtype !== 'float32') return decline('the data are not float32', where);
    if (splatOf(other) !== limit) return decline('it compares with another number than it chooses', where);
    if (!sameShape(x.type.shape, where.outputs[0]?.type.shape ?? [])) return decline('a constant adds elements', where);
    const keepsAbove = isAbove === (yes === x);
    return clipped(to, x, keepsAbove ? { lo: limit, hi: Infinity } : { lo: -Infinity, hi: limit });
  },
});
