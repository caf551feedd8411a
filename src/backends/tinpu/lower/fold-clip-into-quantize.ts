import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { boundsOf } from '../split/roles.js';
import { saturationComplaint } from '../scales/saturation.js';

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
    const quantisation = quantize.outputs[0]?.type.quantisation;
    if (quantisation === undefined) return decline('the scale of the integers is not known', quantize);
    const complaint = saturationComplaint(bounds, quantisation);
    return complaint === undefined ? undefined : decline(complaint, clip);
  },
  rewrite: ({ x, quantize }, to) => {
    const quantisation = quantize.outputs[0]?.type.quantisation;
    return to.op('q.Quantize', [x], quantize.attrs, { quantisation });
  },
});
