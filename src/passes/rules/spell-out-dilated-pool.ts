import type { Node, Value } from '../../ir/graph.js';
import { poolFacts } from '../../ir/ops/pool.js';
import { slideAxes, type AxisWindow } from '../../ir/ops/window.js';
import { isStatic, sizeOf } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { tapsWithin } from '../../runtime/float/pool.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Builder, type Rule } from '../rule.js';
import { scalar } from '../scalar.js';

/**
 * AveragePool or LpPool with dilations, or LpPool with ceil_mode, → a Sum of one Slice for each place of the window, by
 * operators that opset 17 has. Sums are rounded to float32 once or at every term, as the runtime has it.
 */
export const spellOutDilatedPool: Rule = rule({
  name: 'spell-out-dilated-pool',
  match: having(op(['AveragePool', 'LpPool'], undefined, { as: 'node' }), ({ op: name, attrs }) =>
    attrs.ints('dilations', []).some((dilation) => dilation !== 1) ||
    (name === 'LpPool' && attrs.int('ceil_mode', 0) !== 0)
      ? undefined
      : 'opset 17 has its form',
  ),
  rewrite: ({ node }, to) => {
    const [x] = node.inputs;
    if (x?.type.dtype !== 'float32') return decline('the data are not float32', node);
    const spatial = x.type.shape.slice(2);
    if (!isStatic(spatial)) return decline('the size of the map is not known', node);
    const { window, kernel } = poolFacts(node, x.type.shape);
    const axes = slideAxes(node, window, spatial, kernel);
    if (node.op === 'AveragePool') {
      const sum = sumOfTaps(x, axes, to);
      return to.op('Div', [sum, countsOf(node, axes, to)]);
    }
    const p = node.attrs.int('p', 2);
    if (p === 1) return sumOfTaps(to.op('Abs', [x], {}, { part: 'abs' }), axes, to);
    if (p === 2) return to.op('Sqrt', [sumOfTaps(to.op('Mul', [x, x], {}, { part: 'square' }), axes, to)]);
    const magnitude = to.op('Abs', [x], {}, { part: 'abs' });
    const power = to.op('Pow', [magnitude, scalar(to, p)], {}, { part: 'power' });
    return to.op('Pow', [sumOfTaps(power, axes, to), scalar(to, 1 / p)]);
  },
});

/** Each window's elements added up; what lies beyond the data is 0. */
function sumOfTaps(x: Value, axes: readonly AxisWindow[], to: Builder): Value {
  const list = (values: readonly number[]): Value => to.constant(Tensor.int64(values));
  const reach = axes.map(({ output, stride, kernel, dilation }) => (output - 1) * stride + (kernel - 1) * dilation + 1);
  const begin = axes.map(({ padBegin }) => padBegin);
  const end = axes.map(({ input, padBegin }, i) => Math.max((reach[i] ?? 0) - padBegin - input, 0));
  const isPadded = [...begin, ...end].some((pad) => pad !== 0);
  const padded = isPadded ? to.op('Pad', [x, list([0, 0, ...begin, 0, 0, ...end])], {}, { part: 'padded' }) : x;
  const spatial = list(axes.map((_, i) => i + 2));
  const steps = list(axes.map(({ stride }) => stride));
  const taps = tapsOf(axes).map((starts) => {
    const ends = starts.map((start, i) => start + ((axes[i]?.output ?? 1) - 1) * (axes[i]?.stride ?? 1) + 1);
    return to.op('Slice', [padded, list(starts), list(ends), spatial, steps], {}, { part: 'tap' });
  });
  return to.op('Sum', taps, {}, { part: 'sum' });
}

/** Offsets of a window's elements from its first one, the last axis fastest. */
const tapsOf = (axes: readonly AxisWindow[]): number[][] =>
  axes.reduce<number[][]>(
    (taps, { kernel, dilation }) =>
      taps.flatMap((tap) => Array.from({ length: kernel }, (_, k) => [...tap, k * dilation])),
    [[]],
  );

/** How many elements each window divides by; 1 where it holds none, so that its mean is 0. */
function countsOf({ attrs }: Node, axes: readonly AxisWindow[], to: Builder): Value {
  const padded = attrs.int('count_include_pad', 0) !== 0;
  const counts = axes
    .map((axis) => tapsWithin(axis, axis.padEnd, padded))
    .reduce((products, axis) => products.flatMap((product) => axis.map((count) => product * count)), [1])
    .map((count) => Math.max(count, 1));
  const [first = 1] = counts;
  if (counts.every((count) => count === first)) return scalar(to, first);
  const dims = [1, 1, ...axes.map(({ output }) => output)];
  return to.constant(
    Tensor.float32(
      dims,
      Float32Array.from({ length: sizeOf(dims) }, (_, i) => counts[i] ?? 1),
    ),
  );
}
