import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { carried } from './carried.js';
import { scalarOf } from './integer-constants.js';

/** Mul(carried x, scale) → q.Dequantize (T19). */
export const liftDequantize: Rule = rule({
  name: 'lift-dequantize',
  match: op('Mul', [carried, constant('scale')], { as: 'product', commutative: true }),
  check: ({ x, product }) =>
    ACTIVATION_TYPES.includes(x.type.dtype) ? undefined : decline(`${x.type.dtype} is no activation`, product),
  rewrite: ({ x, scale, product }, to) => {
    const factor = scalarOf(scale);
    if (factor === undefined) return decline('the scale is not one number', product);
    if (product.outputs[0]?.type.shape.length !== x.type.shape.length)
      return decline('the product has more axes', product);
    return to.op('q.Dequantize', [x], { scale: { float: factor } });
  },
});
