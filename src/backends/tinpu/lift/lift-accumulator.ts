import { Attributes } from '../../../ir/attributes.js';
import type { ConstantValue, Node, Value } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { sameShape } from '../../../ir/shape.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Decline, type ResultOptions, type Rule } from '../../../passes/rule.js';
import { fitsAccumulator } from '../arithmetic/accumulators.js';
import { carried, carry, integersBehind } from './carried.js';
import { isNeutral, readIntegerChain } from './integer-chain.js';
import { integerTensor, perChannel } from './integer-constants.js';

const isActivation = (dtype: (typeof ACTIVATION_TYPES)[number]): boolean => ACTIVATION_TYPES.includes(dtype);

/**
 * Conv or ConvTranspose(carried x, integer w) → q.Conv or q.ConvTranspose (spec 1.6, T9). A bias becomes an addition behind
 * it, which the requantisation takes up.
 */
export const liftConv: Rule = rule({
  name: 'lift-conv',
  match: op(['Conv', 'ConvTranspose'], [carried, constant('w'), maybe(constant('bias'))], { as: 'conv' }),
  check: ({ x, conv }) => {
    if (!isActivation(x.type.dtype)) return decline(`the input is ${x.type.dtype}, not an activation`, conv);
    if (x.type.shape.length !== 4) return decline(`the input has rank ${x.type.shape.length}`, conv);
    if (conv.attrs.string('auto_pad', 'NOTSET') !== 'NOTSET') return decline('auto_pad is not resolved', conv);
    if (conv.attrs.ints('output_shape', []).length > 0) return decline('output_shape is not resolved', conv);
    return undefined;
  },
  rewrite: ({ x, w, bias, conv }, to) => {
    const weights = integerTensor(w, 'int8', -128, 127);
    if (weights === undefined) return decline('the weights are not 8-bit integers', conv);
    const attrs = Attributes.of({
      strides: pair(conv, 'strides', 1),
      pads: listOf(conv, 'pads') ?? [0, 0, 0, 0],
      dilations: pair(conv, 'dilations', 1),
      group: conv.attrs.int('group', 1),
      output_padding: conv.op === 'ConvTranspose' ? pair(conv, 'output_padding', 0) : undefined,
    });
    const inputs = [x, to.constant(weights, w.name)];
    const channels = [1, bias?.constant.size ?? 1, 1, 1];
    return accumulated(conv, bias && { bias, dims: channels }, to, (result) =>
      to.op(`q.${conv.op}`, inputs, attrs, result),
    );
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
    const inputs = [x, to.constant(weights, w.name)];
    return accumulated(product, undefined, to, (result) => to.op('q.MatMul', inputs, {}, result));
  },
});

/** Gemm(carried x, integer w) → q.MatMul, with a bias as an addition behind it. */
export const liftGemm: Rule = rule({
  name: 'lift-gemm',
  match: op('Gemm', [carried, constant('w'), maybe(constant('bias'))], { as: 'gemm' }),
  check: ({ x, gemm: { attrs }, gemm }) => {
    if (!isActivation(x.type.dtype)) return decline(`the input is ${x.type.dtype}, not an activation`, gemm);
    if (attrs.int('transA', 0) !== 0) return decline('the input is transposed', gemm);
    if (attrs.float('alpha', 1) !== 1 || attrs.float('beta', 1) !== 1) return decline('the product is scaled', gemm);
    return undefined;
  },
  rewrite: ({ x, w, bias, gemm }, to) => {
    const integers = integerTensor(w, 'int8', -128, 127);
    if (integers === undefined) return decline('the weights are not 8-bit integers', gemm);
    const weights = gemm.attrs.int('transB', 0) === 0 ? integers : transposed(integers);
    const inputs = [x, to.constant(weights, w.name)];
    if (bias !== undefined && perChannel(bias, 2) === undefined) return decline('the bias is not per channel', gemm);
    return accumulated(gemm, bias && { bias, dims: [1, bias.constant.size] }, to, (result) =>
      to.op('q.MatMul', inputs, {}, result),
    );
  },
});

function transposed({ dtype, dims, data }: Tensor): Tensor {
  const [rows = 0, columns = 0] = dims;
  const result = Tensor.zeros(dtype, [columns, rows]);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      result.data[column * rows + row] = data[row * columns + column] ?? 0;
  }
  return result;
}

/** Shows the sums of a layer to what follows, with its bias, of the given dims, added to them. */
function accumulated(
  layer: Node,
  addend: { readonly bias: ConstantValue; readonly dims: readonly number[] } | undefined,
  to: Builder,
  build: (result: ResultOptions) => Value,
): Value | Decline {
  const sums = build(addend === undefined ? { heir: true } : { part: 'accumulator' });
  if (sums.producer !== undefined && !fitsAccumulator(sums.producer)) return decline('its sums leave 32 bits', layer);
  const shown = carry(to, sums);
  if (addend === undefined) return shown;
  const data = numberData(addend.bias.constant);
  if (data?.every(Number.isInteger) !== true) return decline('the bias is not made of integers', layer);
  const bias = to.constant(addend.bias.constant.reshape(addend.dims), addend.bias.name);
  return to.op('Add', [shown, bias], {}, { heir: true });
}

/**
 * ReduceSum(carried x) over the spatial axes → q.GlobalSum, squeezed unless keepdims (spec 1.3). An axis of one element
 * may be left out.
 */
export const liftGlobalSum: Rule = rule({
  name: 'lift-global-sum',
  match: op('ReduceSum', [carried, constant('axes')], { as: 'sum' }),
  check: ({ x, axes, sum }) => {
    if (!isActivation(x.type.dtype)) return decline(`the input is ${x.type.dtype}, not an activation`, sum);
    return sumsMaps(x, axesOf(axes)) ? undefined : decline('the sum is not over the two spatial axes', sum);
  },
  rewrite: ({ x, axes, sum }, to) => {
    const keeps = sum.attrs.int('keepdims', 1) === 1;
    const total = to.op('q.GlobalSum', [x], {}, keeps ? { heir: true } : { part: 'sum' });
    if (total.producer !== undefined && !fitsAccumulator(total.producer)) return decline('its sums leave 32 bits', sum);
    if (keeps) return carry(to, total);
    const squeezed = to.constant(Tensor.int64(axesOf(axes)), 'spatial_axes');
    return carry(to, to.op('Squeeze', [total, squeezed], {}, { heir: true }));
  },
});

const axesOf = ({ constant }: ConstantValue): number[] =>
  constant
    .toNumbers()
    .map((axis) => (axis < 0 ? axis + 4 : axis))
    .sort((a, b) => a - b);

/** Whether the axes are those of the whole map, but for axes of one element. */
const sumsMaps = ({ type: { shape } }: Value, axes: readonly number[]): boolean =>
  shape.length === 4 &&
  axes.every((axis, i) => axis >= 2 && axis !== axes[i - 1]) &&
  axes.length > 0 &&
  [2, 3].every((axis) => axes.includes(axis) || shape[axis] === 1);

/**
 * Round, or Floor behind arithmetic that changes nothing, of carried x → x: integers are rounded already. TI's exporter
 * writes the requantisation of a sum whose terms have one scale as Add(0), Mul(1), Mul(1), Floor.
 */
export const liftRound: Rule = rule({
  name: 'lift-round',
  match: op(['Round', 'Floor'], [any('argument')], { as: 'round' }),
  rewrite: ({ argument, round }, to) => {
    const chain = round.op === 'Floor' ? readIntegerChain(argument) : undefined;
    if (typeof chain === 'string') return decline('the arithmetic before it changes the integers', round);
    const x = chain?.base ?? integersBehind(argument);
    if (x === undefined) return decline('what is rounded is no integer', round);
    // A requantisation is recognised by its Floor.
    if (round.op === 'Floor' && !isActivation(x.type.dtype)) return decline(`${x.type.dtype} is no activation`, round);
    const shape = round.outputs[0]?.type.shape;
    if ((chain !== undefined && !isNeutral(chain)) || shape === undefined || !sameShape(shape, x.type.shape)) {
      return decline('the arithmetic before it changes the integers', round);
    }
    return carry(to, x);
  },
});
