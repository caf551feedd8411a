import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { boundsOf } from '../roles.js';

/**
 * q.Quantize(Clip(x)) → q.Quantize(x) where the integers saturate within half a step of the bounds, or inside them: ReLU
 * is lo = 0, an upper bound is hi at the right scale (T4, T5, spec 1.2).
 */
export const foldClipIntoQuantize: Rule = rule({
  name: 'fold-clip-into-quantize',
  match: op('q.Quantize', [op('Clip', [any('x'), maybe(constant('min')), maybe(constant('max'))], { as: 'clip' })], {
    as: 'quantize',
  }),
  check: ({ clip, quantize }) => {
    const bounds = boundsOf(clip);
    if (bounds === undefined) return decline('the bounds are computed by the model', clip);
    const scale = quantize.attrs.float('scale');
    // Where saturation stands for a bound, the two are half a step apart, up to the rounding of their quotient.
    const half = (scale / 2) * (1 + 1e-6);
    const lowest = quantize.attrs.int('lo') * scale;
    const highest = quantize.attrs.int('hi') * scale;
    if (bounds.min > lowest + half)
      return decline(`integers reach down to ${lowest}, the bound is ${bounds.min}`, clip);
    if (bounds.max < highest - half)
      return decline(`integers reach up to ${highest}, the bound is ${bounds.max}`, clip);
    return undefined;
  },
  rewrite: ({ x, quantize }, to) => {
    const quantisation = quantize.outputs[0]?.type.quantisation;
    return to.op('q.Quantize', [x], quantize.attrs, { quantisation });
  },
});
