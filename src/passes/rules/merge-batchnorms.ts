import { composeAffine, readAffine } from '../linear/affine.js';
import { buildBatchnorm } from '../linear/build-batchnorm.js';
import { alongAxis } from '../linear/channels.js';
import { isDecline } from '../linear/fold.js';
import { any, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** BatchNormalization(BatchNormalization(x)) → BatchNormalization(x), composed in float64 and rounded once. */
export const mergeBatchnorms: Rule = rule({
  name: 'merge-batchnorms',
  match: op(
    'BatchNormalization',
    [
      op('BatchNormalization', undefined, { as: 'first', soleUse: true }),
      any('gamma'),
      any('beta'),
      any('mean'),
      any('variance'),
    ],
    { as: 'second' },
  ),
  rewrite: ({ first, second }, to) => {
    const inner = readAffine(first);
    if (isDecline(inner)) return inner;
    const outer = readAffine(second);
    if (isDecline(outer)) return outer;
    const { shape } = inner.data.type;
    const before = alongAxis(inner, shape, shape, 1);
    const after = alongAxis(outer, shape, shape, 1);
    if (before === undefined || after === undefined) return decline('the number of channels is not known', second);
    return buildBatchnorm(to, inner.data, composeAffine(before, after), second);
  },
});
