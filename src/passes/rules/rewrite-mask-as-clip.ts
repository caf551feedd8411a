import { sameShape } from '../../ir/shape.js';
import { clipped } from '../bounds.js';
import { comparisonOf, COMPARISONS } from '../comparison.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * x · Cast(x > 0) → Clip(x, 0), and with x < 0 → Clip(x, _, 0). Equal for all finite elements (an infinite one times 0
 * is NaN).
 */
export const rewriteMaskAsClip: Rule = rule({
  name: 'rewrite-mask-as-clip',
  match: op('Mul', [any('x'), op('Cast', [op(COMPARISONS, undefined, { as: 'comparison' })])], {
    commutative: true,
    as: 'product',
  }),
  rewrite: ({ x, comparison, product }, to) => {
    const compared = comparisonOf(comparison);
    if (compared?.x !== x) return decline('the mask does not come from what it masks', product);
    if (x.type.dtype !== 'float32') return decline('the data are not float32', product);
    if (compared.limit !== 0) return decline('it compares with another number than 0', comparison);
    if (!sameShape(x.type.shape, product.outputs[0]?.type.shape ?? [])) {
      return decline('the mask adds elements', product);
    }
    return clipped(to, x, compared.isAbove ? { lo: 0, hi: Infinity } : { lo: -Infinity, hi: 0 });
  },
});
