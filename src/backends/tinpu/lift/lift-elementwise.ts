import { isFloat } from '../../../ir/dtype.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { LAYOUT_OPERATORS } from '../layout-operators.js';
import { carried, carry } from './carried.js';
import { scalarOf } from './integer-constants.js';

/** Layout or MaxPool of carried integers → the same on the integers (spec 1.5, T12, T16). */
export const liftLayout: Rule = rule({
  name: 'lift-layout',
  match: op([...LAYOUT_OPERATORS, 'MaxPool'], [carried, maybe(constant('operand'))], { as: 'layout' }),
  check: ({ x, layout }) => {
    if (isFloat(x.type.dtype)) return decline('the tensor holds no integers', layout);
    if (layout.op !== 'MaxPool') return undefined;
    return x.type.dtype === 'int8' || x.type.dtype === 'uint8' ? undefined : decline('MaxPool takes 8 bits', layout);
  },
  rewrite: ({ x, operand, layout }, to) =>
    carry(to, to.op(layout.op, operand === undefined ? [x] : [x, operand], layout.attrs, { heir: true })),
});

const bnorm = op('q.Bnorm', [any('accumulator'), any('bias'), any('scale'), any('shift')], {
  as: 'bnorm',
  soleUse: true,
});

/** Clip or Relu of a carried q.Bnorm → the q.Bnorm with the narrower range: TI's exporter clips twice (spec 1.2). */
export const liftClip: Rule = rule({
  name: 'lift-clip',
  match: op(['Clip', 'Relu'], [op('Cast', [bnorm], { soleUse: true }), maybe(any('min')), maybe(any('max'))], {
    as: 'clip',
  }),
  rewrite: ({ accumulator, bias, scale, shift, bnorm: node, min, max, clip }, to) => {
    const least = clip.op === 'Relu' ? 0 : min === undefined ? -Infinity : scalarOf(min);
    const most = max === undefined ? Infinity : scalarOf(max);
    if (least === undefined || most === undefined) return decline('the bounds are not constant', clip);
    const lo = Math.max(node.attrs.int('lo'), least);
    const hi = Math.min(node.attrs.int('hi'), most);
    if (!Number.isInteger(lo) || !Number.isInteger(hi) || lo > hi) return decline(`the bounds are ${lo} … ${hi}`, clip);
    return carry(to, to.op('q.Bnorm', [accumulator, bias, scale, shift], { lo, hi }, { heir: true }));
  },
});

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
