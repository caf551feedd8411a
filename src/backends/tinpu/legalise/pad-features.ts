import { any, constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { layersOf } from '../report/layers.js';
import { placementRefusals, type RuleSet } from '../placement/rules.js';
import { extended, padChannels } from './build.js';
import { requantised } from './requantised.js';

/** q.MatMul of too few features → the same with zeros for features and weights, as many as the FC pattern takes (spec 2.2). */
export const padFeatures = (rules: RuleSet): Rule =>
  rule({
    name: 'pad-features',
    match: requantised(op('q.MatMul', [any('x'), constant('weight')], { as: 'product', soleUse: true })),
    rewrite: ({ x, weight, bias, scale, shift, product, bnorm }, to) => {
      const shape = layersOf(to.graph).find((layer) => layer.bnorm === bnorm)?.shape;
      if (shape === undefined) return decline('no layer', bnorm);
      const features = shape.weightBits === 8 ? 16 : 8;
      if (shape.inputChannels >= features) return decline('the layer has features enough', bnorm);
      const refusals = placementRefusals({ ...shape, inputChannels: features }, rules);
      if (refusals.length > 0) return decline(`more features are not all it lacks: ${refusals.join('; ')}`, bnorm);
      const [, columns = 0] = weight.constant.dims;
      const wide = to.constant(extended(weight.constant, [features, columns]), weight.name);
      const sum = to.op('q.MatMul', [padChannels(to, x, features), wide], {}, { standsFor: product });
      return to.op('q.Bnorm', [sum, bias, scale, shift], bnorm.attrs, {
        quantisation: bnorm.outputs[0]?.type.quantisation,
      });
    },
  });
