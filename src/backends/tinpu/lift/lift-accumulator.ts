import { Attributes } from '../../../ir/attributes.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { Tensor } from '../../../ir/tensor.js';
import { constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { carried, carry } from './carried.js';
import { integerTensor } from './integer-constants.js';

const isActivation = (dtype: (typeof ACTIVATION_TYPES)[number]): boolean => ACTIVATION_TYPES.includes(dtype);

/** Conv(carried x, integer w) without bias → q.Conv (spec 1.6). */
export const liftConv: Rule = rule({
  name: 'lift-conv',
  match: op('Conv', [carried, constant('w')], { as: 'conv' }),
  check: ({ x, conv }) => {
    if (!isActivation(x.type.dtype)) return decline(`the input is ${x.type.dtype}, not an activation`, conv);
    if (x.type.shape.length !== 4) return decline(`the input has rank ${x.type.shape.length}`, conv);
    if (conv.attrs.string('auto_pad', 'NOTSET') !== 'NOTSET') return decline('auto_pad is not resolved', conv);
    return undefined;
  },
  rewrite: ({ x, w, conv }, to) => {
    const weights = integerTensor(w, 'int8', -128, 127);
    if (weights === undefined) return decline('the weights are not 8-bit integers', conv);
    const attrs = Attributes.of({
      strides: conv.attrs.ints('strides', [1, 1]),
      pads: conv.attrs.ints('pads', [0, 0, 0, 0]),
      dilations: conv.attrs.ints('dilations', [1, 1]),
      group: conv.attrs.int('group', 1),
    });
    return carry(to, to.op('q.Conv', [x, to.constant(weights, w.name)], attrs, { heir: true }));
  },
});

/** MatMul(carried x, integer w) → q.MatMul. */
export const liftMatMul: Rule = rule({
  name: 'lift-mat-mul',
  match: op('MatMul', [carried, constant('w')], { as: 'product' }),
  check: ({ x, w, product }) => {
    if (!isActivation(x.type.dtype)) return decline(`the input is ${x.type.dtype}, not an activation`, product);
    if (x.type.shape.length !== 2 || w.constant.rank !== 2)
      return decline('a product of matrices is accepted', product);
    return undefined;
  },
  rewrite: ({ x, w, product }, to) => {
    const weights = integerTensor(w, 'int8', -128, 127);
    if (weights === undefined) return decline('the weights are not 8-bit integers', product);
    return carry(to, to.op('q.MatMul', [x, to.constant(weights, w.name)], {}, { heir: true }));
  },
});

/** ReduceSum(carried x) over both spatial axes → q.GlobalSum, squeezed unless keepdims (spec 1.3). */
export const liftGlobalSum: Rule = rule({
  name: 'lift-global-sum',
  match: op('ReduceSum', [carried, constant('axes')], { as: 'sum' }),
  check: ({ x, axes, sum }) => {
    if (!isActivation(x.type.dtype)) return decline(`the input is ${x.type.dtype}, not an activation`, sum);
    const over = axes.constant.toNumbers().map((axis) => (axis < 0 ? axis + 4 : axis));
    const spatial = x.type.shape.length === 4 && over.length === 2 && over.includes(2) && over.includes(3);
    return spatial ? undefined : decline('the sum is not over the two spatial axes', sum);
  },
  rewrite: ({ x, sum }, to) => {
    const heir = { heir: true };
    if (sum.attrs.int('keepdims', 1) === 1) return carry(to, to.op('q.GlobalSum', [x], {}, heir));
    const total = to.op('q.GlobalSum', [x], {}, { part: 'sum' });
    return carry(to, to.op('Squeeze', [total, to.constant(Tensor.int64([2, 3]), 'spatial_axes')], {}, heir));
  },
});

/** Round(carried x) → x: integers are rounded already. */
export const liftRound: Rule = rule({
  name: 'lift-round',
  match: op('Round', [carried]),
  rewrite: ({ x }, to) => carry(to, x),
});
