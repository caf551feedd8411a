import type { Tensor } from '../../../ir/tensor.js';
import type { ConstantValue, Node } from '../../../ir/graph.js';
import { any, constant, maybe, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { LAYOUT_OPERATORS } from '../../split/layout-operators.js';

/**
 * q.InputNorm(Layout(x)) → Layout(q.InputNorm(x)): the input sequence moves to the model's boundary, where the application
 * may take it over (T18, spec 1.4). Per-channel constants move with their axis; a layout that splits or merges that axis
 * is left in front.
 */
export const moveInputNormBeforeLayout: Rule = rule({
  name: 'move-input-norm-before-layout',
  match: op(
    'q.InputNorm',
    [
      op([...LAYOUT_OPERATORS], [any('x'), maybe(constant('operand'))], { as: 'layout', soleUse: true }),
      constant('bias'),
      constant('multiplier'),
      constant('shift'),
    ],
    { as: 'norm' },
  ),
  rewrite: ({ x, operand, layout, bias, multiplier, shift, norm }, to) => {
    const axes = axisMap(layout, x.type.shape, operand);
    const constants = [bias, multiplier, shift].map((value) => moveAxes(value, x.type.shape.length, axes));
    const quantisation = norm.outputs[0]?.type.quantisation;
    const moved = constants.flatMap((tensor, i) =>
      tensor === undefined ? [] : [to.constant(tensor, norm.inputs[i + 1]?.name)],
    );
    if (moved.length < 3) return decline('the layout splits or merges the axis of the per-channel constants', layout);
    const integers = to.op('q.InputNorm', [x, ...moved], norm.attrs, { quantisation, part: 'quantized' });
    const inputs = operand === undefined ? [integers] : [integers, operand];
    return to.op(layout.op, inputs, layout.attrs, { quantisation });
  },
});

/** Which axis of the layout's input each of its output's axes is; undefined where none alone is. */
function axisMap(
  layout: Node,
  from: readonly (number | string)[],
  operand: ConstantValue | undefined,
): (number | undefined)[] {
  const to = layout.outputs[0]?.type.shape ?? [];
  if (layout.op === 'Transpose') {
    return [
      ...layout.attrs.ints(
        'perm',
        from.map((_, axis) => from.length - 1 - axis),
      ),
    ];
  }
  if (operand === undefined && layout.op !== 'Flatten' && layout.op !== 'Squeeze') return to.map(() => undefined);
  // Axes of other sizes than 1 keep their order; where both sides list the same ones, they correspond one to one.
  const wide = (shape: readonly (number | string)[]): number[] =>
    shape.flatMap((dim, axis) => (dim === 1 && axis > 0 ? [] : [axis]));
  const sources = wide(from);
  const targets = wide(to);
  const same = sources.length === targets.length && sources.every((axis, i) => from[axis] === to[targets[i] ?? -1]);
  return to.map((_, axis) => (same ? sources[targets.indexOf(axis)] : undefined));
}

/** A constant over the layout's output as one over its input. */
function moveAxes(value: ConstantValue, rank: number, axes: readonly (number | undefined)[]): Tensor | undefined {
  const { constant: tensor } = value;
  const dims = new Array<number>(rank).fill(1);
  const offset = axes.length - tensor.rank;
  const moved: number[] = [];
  for (const [own, dim] of tensor.dims.entries()) {
    if (dim === 1) continue;
    const axis = axes[own + offset];
    if (axis === undefined) return undefined;
    dims[axis] = dim;
    moved.push(axis);
  }
  // With one axis wider than 1 the elements stay in order; more than one would have to be transposed.
  if (moved.length > 1) return undefined;
  return tensor.reshape(dims);
}
