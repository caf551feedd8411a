import { isConstant, type Node, type Value } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { sameShape, sizeOf, type Shape } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../../../passes/rule.js';
import { rangeOf } from '../arithmetic/integer-range.js';
import { carry, integersBehind } from './carried.js';
import { constantStep, type ConstantStep } from './affine-chain.js';
import { scalarOf } from './integer-constants.js';

/** Sums up to here come out of a float32 mean times its area within less than a half. */
const RECOVERABLE = 2 ** 21;

/**
 * Round(mean of carried x · area) → the sum: q.Conv with ones for an AveragePool, q.GlobalSum for a GlobalAveragePool or a
 * ReduceMean over the map. TI's exporter writes the window sum of an average pool so (spec 1.3); the rounding gives back
 * the sum that the division took apart.
 */
export const liftWindowSum: Rule = rule({
  name: 'lift-window-sum',
  match: op('Round', [any('product')], { as: 'round' }),
  rewrite: ({ product, round }, to) => {
    const scaled = readFactors(product);
    const pool = scaled?.data.producer;
    if (scaled === undefined || pool === undefined) return decline('what is rounded is no scaled mean', round);
    const x = pool.inputs[0] && integersBehind(pool.inputs[0]);
    if (x === undefined || !ACTIVATION_TYPES.includes(x.type.dtype))
      return decline('the mean is not one of activations', round);
    const { area } = scaled;
    const { lo, hi } = rangeOf(x);
    if (Math.max(-lo, hi) * area > RECOVERABLE) return decline('float32 does not give back the sum', round);
    const sum = sumOf(pool, x, area, to);
    return 'declined' in sum ? sum : carry(to, sum);
  },
});

/** The data of multiplications by single numbers, or divisions by their reciprocals, and the product of those numbers. */
function readFactors(product: Value): { readonly data: Value; readonly area: number } | undefined {
  let data = product;
  let area = 1;
  for (let step = stepOf(data); step?.op === 'Mul' || step?.op === 'Div'; step = stepOf(data)) {
    const factor = scalarOf(step.constant);
    if (factor === undefined) return undefined;
    area *= step.op === 'Mul' ? factor : 1 / factor;
    data = step.data;
  }
  return data === product
    ? undefined
    : { data, area: Math.abs(area - Math.round(area)) < 1e-3 ? Math.round(area) : area };
}

const stepOf = ({ producer }: Value): ConstantStep | undefined => producer && constantStep(producer);

/** The sum whose mean over `area` elements the pool is; it takes over the label of what is replaced. */
function sumOf(pool: Node, x: Value, area: number, to: Builder): Value | Decline {
  const { shape } = x.type;
  if (shape.length !== 4) return decline(`the input has rank ${shape.length}`, pool);
  const global = pool.op === 'GlobalAveragePool' || coversMap(pool, shape);
  if (pool.op === 'AveragePool' && !global) return windowSum(pool, x, area, to);
  const map = shape.slice(2).filter((side) => typeof side === 'number');
  const keeps = global || (isMeanOfMap(pool) && pool.attrs.int('keepdims', 1) === 1);
  if (!keeps && !isMeanOfMap(pool)) return decline(`${pool.op} is no mean of the map`, pool);
  if (map.length !== 2 || sizeOf(map) !== area) return decline('the factor is not the area of the map', pool);
  const total = to.op('q.GlobalSum', [x], {}, keeps ? { heir: true } : { part: 'sum' });
  if (keeps) return total;
  return to.op('Squeeze', [total, to.constant(Tensor.int64([2, 3]), 'spatial_axes')], {}, { heir: true });
}

/** Whether the window of an AveragePool is the whole map. */
const coversMap = ({ op: name, attrs }: Node, shape: Shape): boolean =>
  name === 'AveragePool' &&
  sameShape(shape.slice(2), attrs.ints('kernel_shape')) &&
  attrs.ints('pads', []).every((pad) => pad === 0);

function isMeanOfMap({ op: name, inputs: [, axes] }: Node): boolean {
  if (name !== 'ReduceMean' || axes === undefined || !isConstant(axes)) return false;
  const over = axes.constant.toNumbers().map((axis) => (axis < 0 ? axis + 4 : axis));
  return over.length === 2 && over.includes(2) && over.includes(3);
}

function windowSum(pool: Node, x: Value, area: number, to: Builder): Value | Decline {
  const { attrs } = pool;
  const kernel = attrs.ints('kernel_shape');
  const given = (name: string, fallback: readonly number[]): readonly number[] => {
    const list = attrs.ints(name, []);
    return list.length === 0 ? fallback : list;
  };
  const pads = given('pads', [0, 0, 0, 0]);
  const channels = x.type.shape[1];
  if (typeof channels !== 'number') return decline('the number of channels is not known', pool);
  if (sizeOf(kernel) !== area) return decline('the factor is not the area of the window', pool);
  if (attrs.string('auto_pad', 'NOTSET') !== 'NOTSET') return decline('auto_pad is not resolved', pool);
  if (pads.some((pad) => pad !== 0) && attrs.int('count_include_pad', 0) === 0)
    return decline('the divisor varies at the border', pool);
  const ones = new Tensor('int8', [channels, 1, ...kernel], new Int8Array(channels * area).fill(1));
  const window = {
    strides: given('strides', [1, 1]),
    pads,
    dilations: given('dilations', [1, 1]),
    group: channels,
  };
  const sum = to.op('q.Conv', [x, to.constant(ones, `${pool.name}/ones`)], window, { heir: true });
  const [before, after] = [pool.outputs[0]?.type.shape, sum.type.shape];
  const alike = before?.every((side, axis) => typeof side === 'string' || side === after[axis]) === true;
  // Rounded up, a size takes in windows that the map does not fill, whose divisor is another one.
  if (!alike || (attrs.int('ceil_mode', 0) !== 0 && after.some((side, axis) => axis >= 2 && typeof side === 'string')))
    return decline('the last windows are not full', pool);
  return sum;
}
