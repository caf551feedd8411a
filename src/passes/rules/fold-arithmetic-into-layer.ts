import { constant, op } from '../pattern.js';
import { rule, type Rule } from '../rule.js';
import { ARITHMETIC } from '../linear/affine.js';
import { foldIntoLayer, layerOrView } from '../linear/fold-into-layer.js';

/**
 * Mul, Div, Add or Sub of layer(x) and a constant → layer(x) for Conv, ConvTranspose, Gemm and MatMul, also with a
 * Reshape or the like between them, where the constant is one number or one for each output channel. This is also what
 * makes a Gemm of MatMul and Add. Constants are folded in float64 and rounded once.
 */
export const foldArithmeticIntoLayer: Rule = rule({
  name: 'fold-arithmetic-into-layer',
  match: op(ARITHMETIC, [layerOrView, constant('constant')], { as: 'step', commutative: true }),
  rewrite: ({ step, layer, view }, to) => foldIntoLayer(step, layer, view, to),
});
