import type { Attributes } from '../../ir/attributes.js';
import { integerRange, type DType } from '../../ir/dtype.js';
import type { Node, Value } from '../../ir/graph.js';
import { extentOf, windowAttributes, type WindowAttributes } from '../../ir/ops/window.js';
import { spatialPads, type SpatialPads } from '../layout/spatial-pads.js';
import { elementsOf, isDecline } from '../linear/fold.js';
import { op } from '../pattern.js';
import { decline, rule, type Decline, type Rule } from '../rule.js';

/**
 * MaxPool or AveragePool of Pad(x) along spatial axes → the pool with longer pads. For MaxPool the Pad adds what no
 * maximum can be: -∞, the lowest float, or a bound that x is known to keep. For AveragePool it adds zeros, which count.
 */
export const foldPadIntoPool: Rule = rule({
  name: 'fold-pad-into-pool',
  match: op(['MaxPool', 'AveragePool'], [op('Pad', undefined, { as: 'pad' })], { as: 'pool' }),
  check: ({ pool }) =>
    pool.outputs.length > 1 ? decline('it has a second result, the places of the maxima', pool) : undefined,
  rewrite: ({ pool, pad }, to) => {
    const [x] = pad.inputs;
    if (x === undefined) return decline('the Pad has no data', pad);
    const added = spatialPads(pad);
    if (isDecline(added)) return added;
    const window = windowAttributes(pool, added.begin.length);
    const obstacle = objection(pool, window) ?? (pool.op === 'MaxPool' ? visible(added, x, pad) : mixed(pool, window));
    if (obstacle !== undefined) return obstacle;
    const begin = window.padsBegin.map((size, axis) => size + (added.begin[axis] ?? 0));
    const end = window.padsEnd.map((size, axis) => size + (added.end[axis] ?? 0));
    const kernel = pool.attrs.ints('kernel_shape');
    if ([begin, end].some((pads) => pads.some((size, axis) => size >= extentOf(kernel[axis] ?? 1, 1)))) {
      return decline('the pads are as long as the window', pad);
    }
    if (pool.op === 'AveragePool' && added.value !== 0) return decline(`the Pad adds ${added.value}, not 0`, pad);
    const padded = pool.attrs.without('auto_pad').with('pads', [...begin, ...end]);
    return to.op(pool.op, [x], counting(pool, padded));
  },
});

const counting = (pool: Node, attrs: Attributes): Attributes =>
  pool.op === 'AveragePool' ? attrs.with('count_include_pad', 1) : attrs;

function objection(pool: Node, { autoPad, ceilMode, dilations }: WindowAttributes): Decline | undefined {
  if (autoPad.startsWith('SAME')) return decline('auto_pad depends on the padded size', pool);
  if (ceilMode) return decline('ceil_mode depends on where the data end', pool);
  // Taps further apart than one element may all miss the data.
  return dilations.some((dilation) => dilation !== 1) ? decline('the window is dilated', pool) : undefined;
}

/** Pads of the pool itself that do not count, next to some that do. */
function mixed(pool: Node, { padsBegin, padsEnd }: WindowAttributes): Decline | undefined {
  const padded = [...padsBegin, ...padsEnd].some((size) => size > 0);
  return padded && pool.attrs.int('count_include_pad', 0) === 0
    ? decline('the pads of the AveragePool do not count as elements, those of the Pad do', pool)
    : undefined;
}

/** The lowest finite number of an element type. */
function lowestOf(dtype: DType): number {
  switch (dtype) {
    case 'float32':
      return -(2 - 2 ** -23) * 2 ** 127;
    case 'float16':
      return -65504;
    case 'float64':
    case 'bfloat16':
      return -Number.MAX_VALUE;
    default:
      return integerRange(dtype).lo;
  }
}

/** Padding that might be a maximum. Every window holds data, because the pads are shorter than the window. */
function visible({ value }: SpatialPads, x: Value, pad: Node): Decline | undefined {
  return value <= Math.max(lowestOf(x.type.dtype), lowerBound(x))
    ? undefined
    : decline(`the Pad adds ${value}, which may be above the data`, pad);
}

/** Operators none of whose results is below all elements of their input. */
const KEEPING: readonly string[] = ['MaxPool', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Slice'];
const NOT_NEGATIVE: readonly string[] = ['Relu', 'Sigmoid', 'HardSigmoid', 'Softmax', 'Abs', 'Sqrt', 'Exp', 'Softplus'];

/** A number that no element of the value is below; -∞ when none is known. */
function lowerBound(value: Value): number {
  let current = value;
  for (let node = current.producer; node !== undefined; node = current.producer) {
    if (NOT_NEGATIVE.includes(node.op)) return 0;
    if (node.op === 'Clip') {
      const [, low, high] = node.inputs;
      const bound = elementsOf(low)?.[0];
      const ceiling = high === undefined ? Infinity : elementsOf(high)?.[0];
      return bound === undefined || ceiling === undefined ? -Infinity : Math.min(bound, ceiling);
    }
    const [next] = node.inputs;
    if (next === undefined || !KEEPING.includes(node.op)) return -Infinity;
    current = next;
  }
  return -Infinity;
}
