import { isConstant, type Node, type Value } from '../../ir/graph.js';
import { integersOf } from '../../ir/ops/facts.js';
import { normaliseAxis, type Dim, type Shape } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/** Slice clamps a bound like this to the end of its axis. */
const TO_THE_END = 2 ** 31 - 1;

/**
 * Expand or Slice by computed sizes that are those of the data → by constants: Expand leaves a size alone that is 1 in
 * the target, Slice goes to the end with a bound beyond it. Reshape has a rule of its own.
 */
export const fixDynamicOperand: Rule = rule({
  name: 'fix-dynamic-operand',
  match: having(op(['Expand', 'Slice'], undefined, { as: 'node' }), ({ inputs }) =>
    inputs.slice(1).every((input) => input === undefined || isConstant(input))
      ? 'its operands are constant'
      : undefined,
  ),
  rewrite: ({ node }, to) => {
    const [x, ...operands] = node.inputs;
    const lists = operands.map((operand) => operand && integersOf(operand));
    if (x === undefined || operands.some((operand, i) => operand !== undefined && lists[i] === undefined)) {
      return decline('its operands are known only once the graph runs', node);
    }
    const fixed = node.op === 'Expand' ? fixExpand(x, lists[0] ?? []) : fixSlice(node, lists);
    if (fixed === undefined) return decline('its operands name sizes that are not those of the data', node);
    const inputs = operands.map((operand, i): Value | undefined => {
      const list = fixed[i];
      if (operand === undefined || list === undefined || isConstant(operand)) return operand;
      const dims = operand.type.shape.length === 0 ? [] : [list.length];
      const { dtype } = operand.type;
      const tensor =
        dtype === 'int32' ? new Tensor(dtype, dims, Int32Array.from(list)) : Tensor.int64(list).reshape(dims);
      return to.constant(tensor, operand.name);
    });
    return to.op(node.op, [x, ...inputs], node.attrs);
  },
});

type Lists = readonly (readonly number[] | undefined)[];

function fixExpand(x: Value, target: Shape): Lists | undefined {
  const { shape } = x.type;
  const fixed = target.map((dim, axis) =>
    dim === shape[axis - target.length + shape.length] && typeof dim === 'string' ? 1 : dim,
  );
  return fixed.every((dim) => typeof dim === 'number') ? [fixed] : undefined;
}

function fixSlice(node: Node, lists: readonly (readonly Dim[] | undefined)[]): Lists | undefined {
  const [starts = [], ends = [], axes, steps] = lists;
  const shape = node.inputs[0]?.type.shape ?? [];
  const sizeAt = (i: number): Dim | undefined => {
    const axis = axes === undefined ? i : axes[i];
    const normal = typeof axis === 'number' ? normaliseAxis(axis, shape.length) : undefined;
    return normal === undefined ? undefined : shape[normal];
  };
  const forward = (i: number): boolean => Number(steps?.[i] ?? 1) > 0;
  const fixedStarts = starts.map((start, i) =>
    start === sizeAt(i) && !forward(i) && typeof start === 'string' ? TO_THE_END : start,
  );
  const fixedEnds = ends.map((end, i) =>
    end === sizeAt(i) && forward(i) && typeof end === 'string' ? TO_THE_END : end,
  );
  const fixed = [fixedStarts, fixedEnds, axes, steps];
  return fixed.every(isKnown) ? fixed : undefined;
}

const isKnown = (list: readonly Dim[] | undefined): list is readonly number[] | undefined =>
  list === undefined || list.every((dim) => typeof dim === 'number');
