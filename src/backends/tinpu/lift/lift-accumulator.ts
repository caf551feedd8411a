import { Attributes } from '../../../ir/attributes.js';
import type { ConstantValue, Node } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { sameShape } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { readAffineChain, type AffineChain } from './affine-chain.js';
import { carried, carry, integersBehind } from './carried.js';
import { integerTensor } from './integer-constants.js';

const isActivation = (dtype: (typeof ACTIVATION_TYPES)[number]): boolean => ACTIVATION_TYPES.includes(dtype);

/** Conv or ConvTranspose(carried x, integer w) without bias → q.Conv or q.ConvTranspose (spec 1.6, T9). */
export const liftConv: Rule = rule({
  name: 'lift-conv',
  match: op(['Conv', 'ConvTranspose'], [carried, constant('w')], { as: 'conv' }),
  check: ({ x, conv }) => {
    if (!isActivation(x.type.dtype)) return decline(`the input is ${x.type.dtype}, not an activation`, conv);
    if (x.type.shape.length !== 4) return decline(`the input has rank ${x.type.shape.length}`, conv);
    if (conv.attrs.string('auto_pad', 'NOTSET') !== 'NOTSET') return decline('auto_pad is not resolved', conv);
    if (conv.attrs.ints('output_shape', []).length > 0) return decline('output_shape is not resolved', conv);
    return undefined;
  },
  rewrite: ({ x, w, conv }, to) => {
    const weights = integerTensor(w, 'int8', -128, 127);
    if (weights === undefined) return decline('the weights are not 8-bit integers', conv);
    const attrs = Attributes.of({
      strides: pair(conv, 'strides', 1),
      pads: listOf(conv, 'pads') ?? [0, 0, 0, 0],
      dilations: pair(conv, 'dilations', 1),
      group: conv.attrs.int('group', 1),
      output_padding: conv.op === 'ConvTranspose' ? pair(conv, 'output_padding', 0) : undefined,
    });
    return carry(to, to.op(`q.${conv.op}`, [x, to.constant(weights, w.name)], attrs, { heir: true }));
  },
});

const pair = (node: Node, name: string, fallback: number): readonly number[] =>
  listOf(node, name) ?? [fallback, fallback];

/** An attribute with one entry an axis, which may be empty as well as absent. */
function listOf({ attrs }: Node, name: string): readonly number[] | undefined {
  const values = attrs.ints(name, []);
  return values.length === 0 ? undefined : values;
}

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

/**
 * Round, or Floor behind arithmetic that changes nothing, of carried x → x: integers are rounded already. TI's exporter
 * writes the requantisation of a sum whose terms have one scale as Add(0), Mul(1), Mul(1), Floor.
 */
export const liftRound: Rule = rule({
  name: 'lift-round',
  match: op(['Round', 'Floor'], [any('argument')], { as: 'round' }),
  rewrite: ({ argument, round }, to) => {
    const chain = round.op === 'Floor' ? readAffineChain(argument) : undefined;
    const x = integersBehind(chain?.base ?? argument);
    if (x === undefined) return decline('what is rounded is no integer', round);
    // A requantisation is recognised by its Floor.
    if (round.op === 'Floor' && !isActivation(x.type.dtype)) return decline(`${x.type.dtype} is no activation`, round);
    const shape = round.outputs[0]?.type.shape;
    if (!isNeutral(chain) || shape === undefined || !sameShape(shape, x.type.shape)) {
      return decline('the arithmetic before it changes the integers', round);
    }
    return carry(to, x);
  },
});

const isNeutral = (chain: AffineChain | undefined): boolean =>
  isAll(chain?.bias, 0) && isAll(chain?.scale, 1) && (chain?.shift?.shifts ?? []).every((shift) => shift === 0);

const isAll = (value: ConstantValue | undefined, number: number): boolean =>
  value === undefined || value.constant.toNumbers().every((item) => item === number);
