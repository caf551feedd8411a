import { constant, op } from '../pattern.js';
import { rule, type Rule } from '../rule.js';
import { foldIntoLayer, layerOrView } from '../linear/fold-into-layer.js';

/**
 * BatchNormalization(layer(x)) → layer(x) for Conv, ConvTranspose, Gemm and MatMul, also with a Reshape or the like
 * between them. Constants are folded in float64 and rounded once.
 */
export const foldBatchnormIntoLayer: Rule = rule({
  name: 'fold-batchnorm-into-layer',
  match: op(
    'BatchNormalization',
    [layerOrView, constant('gamma'), constant('beta'), constant('mean'), constant('variance')],
    { as: 'batchnorm' },
  ),
  rewrite: ({ batchnorm, layer, view }, to) => foldIntoLayer(batchnorm, layer, view, to),
});
