import { Tensor } from '../../../ir/tensor.js';
import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { rule, type Rule } from '../../../passes/rule.js';
import type { Recipe } from '../recipes/recipe.js';
import { weightsOf } from '../weights-of.js';
import { buildBnorm } from './requantise.js';

/**
 * q.Quantize(Conv | Gemm(q.Dequantize(x), w, b)) → q.Bnorm(q.Conv | q.MatMul(x, w')) with the integers of the recipe (T3,
 * T4, T6 to T8). The activation function is already the range of the quantisation.
 */
export const lowerLayer = (recipe: Pick<Recipe, 'layer'>): Rule =>
  rule({
    name: 'lower-layer',
    match: op(
      'q.Quantize',
      [
        op(
          ['Conv', 'Gemm'],
          [op('q.Dequantize', [any('x')], { as: 'dequantize' }), constant('weight'), maybe(constant('bias'))],
          { as: 'layer' },
        ),
      ],
      { as: 'quantize' },
    ),
    rewrite: ({ x, weight, layer, dequantize, quantize }, to) => {
      const constants = recipe.layer({
        ...weightsOf(layer),
        inputScale: dequantize.attrs.float('scale'),
        outputScale: quantize.attrs.float('scale'),
      });
      const integers = to.constant(new Tensor('int8', weight.constant.dims, constants.weights), weight.name);
      const accumulator =
        layer.op === 'Gemm'
          ? to.op('q.MatMul', [x, integers], {}, { part: 'accumulator' })
          : to.op('q.Conv', [x, integers], layer.attrs.without('kernel_shape', 'auto_pad'), { part: 'accumulator' });
      return buildBnorm(to, accumulator, constants, quantize);
    },
  });
