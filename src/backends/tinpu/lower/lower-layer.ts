import type { Attributes } from '../../../ir/attributes.js';
import type { Node, Value } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { rule, type Builder, type Rule } from '../../../passes/rule.js';
import type { LayerConstants } from '../recipes/recipe.js';
import { declineFloat } from './decline-float.js';
import { buildBnorm } from './requantise.js';

/** The integers of a Conv, ConvTranspose or Gemm between integers of the given scales. */
export type QuantiseLayer = (layer: Node, x: Value, scales: { input: number; output: number }) => QuantisedLayer;

export interface QuantisedLayer {
  readonly constants: LayerConstants;
  readonly weightType: 'int8' | 'int4' | 'int2';
}

/**
 * q.Quantize(Conv | ConvTranspose | Gemm(q.Dequantize(x), w, b)) → q.Bnorm(q.Conv | q.ConvTranspose | q.MatMul(x, w')) with
 * the integers of the recipe (T3, T4, T6 to T9). The activation function is already the range of the quantisation.
 */
export const lowerLayer = (quantise: QuantiseLayer): Rule =>
  rule({
    name: 'lower-layer',
    match: op(
      'q.Quantize',
      [
        op(
          ['Conv', 'ConvTranspose', 'Gemm'],
          [op('q.Dequantize', [any('x')], { as: 'dequantize' }), constant('weight'), maybe(constant('bias'))],
          { as: 'layer' },
        ),
      ],
      { as: 'quantize' },
    ),
    check: ({ layer }) => declineFloat(layer),
    rewrite: ({ x, weight, layer, dequantize, quantize }, to) => {
      const scales = { input: dequantize.attrs.float('scale'), output: quantize.attrs.float('scale') };
      const { constants, weightType } = quantise(layer, x, scales);
      const integers = to.constant(new Tensor(weightType, weight.constant.dims, constants.weights), weight.name);
      return buildBnorm(to, buildAccumulator(to, layer, x, integers), constants, quantize);
    },
  });

function buildAccumulator(to: Builder, layer: Node, x: Value, integers: Value): Value {
  const part = { part: 'accumulator' };
  switch (layer.op) {
    case 'Gemm':
      return to.op('q.MatMul', [x, integers], {}, part);
    case 'ConvTranspose':
      return to.op('q.ConvTranspose', [x, integers], transposedWindow(layer.attrs), part);
    default:
      return to.op('q.Conv', [x, integers], layer.attrs.without('kernel_shape', 'auto_pad'), part);
  }
}

const transposedWindow = (attrs: Attributes): Attributes =>
  attrs
    .without('kernel_shape', 'auto_pad', 'output_shape')
    .with('output_padding', attrs.ints('output_padding', [0, 0]));
