import { isConstant, type Node, type Value } from '../../../ir/graph.js';
import { ACTIVATION_TYPES } from '../../../ir/ops/quantised/facts.js';
import { sizeOf } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import { any, op } from '../../../passes/pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../../../passes/rule.js';
import { rangeOf } from '../arithmetic/integer-range.js';
import { carry, integersBehind } from './carried.js';
import { constantStep } from './affine-chain.js';
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
    const step = product.producer && constantStep(product.producer);
    const factor = step && scalarOf(step.constant);
    const pool = step?.data.producer;
    if (step === undefined || factor === undefined || pool === undefined)
      return decline('what is rounded is no scaled mean', round);
    const x = pool.inputs[0] && integersBehind(pool.inputs[0]);
    if (x === undefined || !ACTIVATION_TYPES.includes(x.type.dtype))
      return decline('the mean is not one of activations', round);
    const area = step.op === 'Mul' ? factor : step.op === 'Div' ? Math.round(1 / factor) : NaN;
    const { lo, hi } = rangeOf(x);
    if (Math.max(-lo, hi) * area > RECOVERABLE) return decline('float32 does not give back the sum', round);
    const sum = sumOf(pool, x, area, to);
    return 'declined' in sum ? sum : carry(to, sum);
  },
});

/** The sum whose mean over `area` elements the pool is; it takes over the label of what is replaced. */
function sumOf(pool: Node, x: Value, area: number, to: Builder): Value | Decline {
  const { shape } = x.type;
  if (shape.length !== 4) return decline(`the input has rank ${shape.length}`, pool);
  if (pool.op === 'AveragePool') return windowSum(pool, x, area, to);
  const map = shape.slice(2).filter((side) => typeof side === 'number');
  const keeps = pool.op === 'GlobalAveragePool' || (isMeanOfMap(pool) && pool.attrs.int('keepdims', 1) === 1);
  if (!keeps && !isMeanOfMap(pool)) return decline(`${pool.op} is no mean of the map`, pool);
  if (map.length !== 2 || sizeOf(map) !== area) return decline('the factor is not the area of the map', pool);
  const total = to.op('q.GlobalSum', [x], {}, keeps ? { heir: true } : { part: 'sum' });
  if (keeps) return total;
  return to.op('Squeeze', [total, to.constant(Tensor.int64([2, 3]), 'spatial_axes')], {}, { heir: true });
}

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
