import { ARITHMETIC, readAffine } from '../linear/affine.js';
import { alongAxis } from '../linear/channels.js';
import { buildBatchnorm } from '../linear/build-batchnorm.js';
import { isDecline } from '../linear/fold.js';
import { any, constant, op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Above this, axis 1 is hardly a channel axis, and copies of one number for each index along it are a waste. */
const MOST_REPEATS = 1024;

/** Mul, Div, Add or Sub of x and a constant per channel, or of one number → BatchNormalization(x). */
export const rewriteAffineAsBatchnorm: Rule = rule({
  name: 'rewrite-affine-as-batchnorm',
  match: op(ARITHMETIC, [any('x'), constant('constant')], { as: 'step', commutative: true }),
  rewrite: ({ x, step }, to) => {
    const affine = readAffine(step);
    if (isDecline(affine)) return affine;
    const { shape } = x.type;
    if (shape.length < 2) return decline('the data have no channel axis', step);
    const channels = alongAxis(affine, shape, shape, 1);
    if (channels === undefined) {
      return decline(
        typeof shape[1] === 'string' ? 'the number of channels is not known' : 'the constant varies along another axis',
        step,
      );
    }
    if (affine.axis === undefined && channels.scale.length > MOST_REPEATS) {
      return decline(`one number would be repeated for ${channels.scale.length} channels`, step);
    }
    return buildBatchnorm(to, x, channels, step);
  },
});
