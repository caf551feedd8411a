import { Tensor } from '../../../ir/tensor.js';
import type { Node, Value } from '../../../ir/graph.js';
import { any, constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Rule } from '../../../passes/rule.js';
import { inputAffineOf } from '../arithmetic/input-constants.js';
import type { InputConstants, Recipe } from '../recipes/recipe.js';
import { clipRange } from './requantise.js';

/** q.Quantize(x) → q.InputNorm(x): the input sequence, or the way back from float to integers (T1, spec 1.4). */
export const lowerQuantize = (recipe: Pick<Recipe, 'input'>): Rule =>
  rule({
    name: 'lower-quantize',
    match: op('q.Quantize', [any('x')], { as: 'quantize' }),
    rewrite: ({ x, quantize }, to) => {
      const constants = recipe.input(undefined, quantize.attrs.float('scale'));
      return buildInputNorm(
        to,
        x,
        constants,
        x.type.shape.map(() => 1),
        quantize,
      );
    },
  });

/** q.Quantize(BatchNormalization(x)) → q.InputNorm(x) with per-channel constants (T2, spec 1.4). */
export const lowerInputBatchnorm = (recipe: Pick<Recipe, 'input'>): Rule =>
  rule({
    name: 'lower-input-batchnorm',
    match: op(
      'q.Quantize',
      [
        op(
          'BatchNormalization',
          [any('x'), constant('gamma'), constant('beta'), constant('mean'), constant('variance')],
          { as: 'batchnorm' },
        ),
      ],
      { as: 'quantize' },
    ),
    rewrite: ({ x, batchnorm, quantize }, to) => {
      const affine = inputAffineOf(batchnorm);
      if (!affine.factor.every(Number.isFinite)) return decline('the variance of a channel is 0', batchnorm);
      const constants = recipe.input(affine, quantize.attrs.float('scale'));
      const dims = x.type.shape.map((_, axis) => (axis === 1 ? constants.bias.length : 1));
      return buildInputNorm(to, x, constants, dims, quantize);
    },
  });

function buildInputNorm(
  to: Builder,
  x: Value,
  { bias, multiplier, shift }: InputConstants,
  dims: readonly number[],
  quantize: Node,
): Value {
  const label = quantize.outputs[0]?.name ?? quantize.name;
  const quantisation = quantize.outputs[0]?.type.quantisation;
  return to.op(
    'q.InputNorm',
    [
      x,
      to.constant(new Tensor('float32', dims, bias), `${label}/bias`),
      to.constant(new Tensor('float32', dims, multiplier), `${label}/scale`),
      to.constant(new Tensor('int32', dims, shift), `${label}/shift`),
    ],
    clipRange(quantize),
    { quantisation },
  );
}
