import { Attributes } from '../../../ir/attributes.js';
import type { Node } from '../../../ir/graph.js';
import { Tensor } from '../../../ir/tensor.js';
import { axesInput } from '../../../passes/layout/axis-map.js';
import { constant, op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';

/**
 * ReduceSum of a ReduceSum that nothing else reads → one over the axes of both. In float32 they are equal as long as sums
 * are integers up to 2^24 (spec 1.6).
 */
export const mergeSums: Rule = rule({
  name: 'merge-sums',
  match: op('ReduceSum', [op('ReduceSum', undefined, { as: 'inner', soleUse: true }), constant('axes')], {
    as: 'outer',
  }),
  check: ({ inner, outer }) =>
    keepsAxes(inner) === keepsAxes(outer) ? undefined : decline('one keeps the axes, the other drops them', outer),
  rewrite: ({ inner, outer, axes }, to) => {
    const [x] = inner.inputs;
    const rank = x?.type.shape.length ?? 0;
    const first = axesInput(inner.inputs[1], rank);
    const left = Array.from({ length: rank }, (_, axis) => axis).filter(
      (axis) => keepsAxes(inner) || first?.includes(axis) === false,
    );
    const second = axesInput(axes, left.length)?.map((axis) => left[axis] ?? 0);
    if (x === undefined || first === undefined || first.length === 0 || second === undefined || second.length === 0)
      return decline('the axes are not constant', outer);
    const all = [...new Set([...first, ...second])].sort((a, b) => a - b);
    const attrs = Attributes.of({ keepdims: keepsAxes(outer) ? 1 : 0 });
    return to.op('ReduceSum', [x, to.constant(Tensor.int64(all), axes.name)], attrs);
  },
});

const keepsAxes = ({ attrs }: Node): boolean => attrs.int('keepdims', 1) === 1;
