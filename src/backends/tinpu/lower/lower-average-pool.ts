import { Attributes } from '../../../ir/attributes.js';
import type { Node } from '../../../ir/graph.js';
import { sizeOf } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { arithmeticComplaint } from '../split/complaints.js';
import type { Recipe } from '../recipes/recipe.js';
import { declineFloat } from './decline-float.js';
import { buildBnorm } from './requantise.js';

/**
 * q.Quantize(AveragePool | GlobalAveragePool(q.Dequantize(x))) → q.Bnorm(q.Conv | q.GlobalSum(x)): the window sum is the
 * depthwise convolution with all-ones 2-bit weights that the NPU executes; the division by the area is part of the BNORM
 * (T10, T11, spec 1.3). A pool that an integer sum does not express stays the island of float that it is.
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
    check: ({ pool }) => declineFloat(pool),
    rewrite: ({ x, pool, dequantize, quantize }, to) => {
      const global = pool.op === 'GlobalAveragePool';
      const window = global ? x.type.shape.slice(2) : pool.attrs.ints('kernel_shape');
      const [, channels] = x.type.shape;
      if (typeof channels !== 'number') return decline('the number of channels is not known', pool);
      const sides = window.filter((side) => typeof side === 'number');
      if (sides.length !== window.length) return decline('the map that is averaged has no known size', pool);
      const complaint = arithmeticComplaint(pool);
      if (complaint !== undefined) return decline(complaint, pool);
      const inputScale = dequantize.attrs.float('scale');
      const { bias, scale, shift } = recipe.pool(sizeOf(sides), inputScale, quantize.attrs.float('scale'));
      const sum = global
        ? to.op('q.GlobalSum', [x], {}, { part: 'accumulator' })
        : to.op(
            'q.Conv',
            [x, to.constant(ones(channels, sides), `${pool.name}/ones`)],
            windowAttributes(pool, channels),
            {
              part: 'accumulator',
            },
          );
      const constants = { bias: Int32Array.of(bias), scale: Int32Array.of(scale), shift: Int32Array.of(shift) };
      return buildBnorm(to, sum, constants, quantize);
    },
  });

/** Depthwise weights that sum a window. */
const ones = (channels: number, kernel: readonly number[]): Tensor =>
  new Tensor('int2', [channels, 1, ...kernel], new Int8Array(channels * sizeOf(kernel)).fill(1));

const windowAttributes = ({ attrs }: Node, channels: number): Attributes =>
  Attributes.of({
    strides: attrs.ints('strides', [1, 1]),
    pads: attrs.ints('pads', [0, 0, 0, 0]),
    dilations: [1, 1],
    group: channels,
  });
