import { Attributes } from '../../../ir/attributes.js';
import { sizeOf } from '../../../ir/shape.js';
import { any, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import type { Recipe } from '../recipes/recipe.js';
import { buildBnorm } from './requantise.js';

/**
 * q.Quantize(AveragePool | GlobalAveragePool(q.Dequantize(x))) → q.Bnorm(q.WindowSum | q.GlobalSum(x)), the division by the
 * area being part of the BNORM (T10, T11, spec 1.3).
 */
export const lowerAveragePool = (recipe: Pick<Recipe, 'pool'>): Rule =>
  rule({
    name: 'lower-average-pool',
    match: op(
      'q.Quantize',
      [
        op(['AveragePool', 'GlobalAveragePool'], [op('q.Dequantize', [any('x')], { as: 'dequantize' })], {
          as: 'pool',
        }),
      ],
      { as: 'quantize' },
    ),
    rewrite: ({ x, pool, dequantize, quantize }, to) => {
      const global = pool.op === 'GlobalAveragePool';
      const window = global ? x.type.shape.slice(2) : pool.attrs.ints('kernel_shape');
      const sides = window.filter((side) => typeof side === 'number');
      if (sides.length !== window.length) return decline('the map that is averaged has no known size', pool);
      const inputScale = dequantize.attrs.float('scale');
      const { bias, scale, shift } = recipe.pool(sizeOf(sides), inputScale, quantize.attrs.float('scale'));
      const sum = global
        ? to.op('q.GlobalSum', [x], {}, { part: 'accumulator' })
        : to.op(
            'q.WindowSum',
            [x],
            Attributes.of({
              kernel_shape: pool.attrs.ints('kernel_shape'),
              strides: pool.attrs.ints('strides', [1, 1]),
              pads: pool.attrs.ints('pads', [0, 0, 0, 0]),
            }),
            { part: 'accumulator' },
          );
      const constants = { bias: Int32Array.of(bias), scale: Int32Array.of(scale), shift: Int32Array.of(shift) };
      return buildBnorm(to, sum, constants, quantize);
    },
  });
