import { isConstant, type Node } from '../../ir/graph.js';
import { integersOf } from '../../ir/ops/facts.js';
import { unitAxes } from '../layout/axis-map.js';
import { planReinterpretation, reinterpret, RESHAPING, type Reinterpretation } from '../layout/reinterpret.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

/**
 * Reshape, Flatten, Squeeze or Unsqueeze → the plainest operator that gives the same shape: none, `Flatten {axis = 1}`
 * for [N, everything], Unsqueeze, Squeeze, or Reshape to a constant shape that copies a leading size instead of naming it.
 */
export const simplifyReshape: Rule = rule({
  name: 'simplify-reshape',
  match: having(op(RESHAPING, undefined, { as: 'node' }), (node) => {
    const plan = planReinterpretation(node.inputs[0]?.type.shape ?? [], node.outputs[0]?.type.shape ?? []);
    return plan !== undefined && follows(node, plan) ? 'it is in its plainest form' : undefined;
  }),
  rewrite: ({ node }, to) => {
    const [x] = node.inputs;
    const shape = node.outputs[0]?.type.shape;
    const simple = x && shape && reinterpret(to, x, shape);
    return simple ?? decline('the shape has sizes that no constant expresses', node);
  },
});

/** Whether the node is what the plan asks for. */
function follows(node: Node, plan: Reinterpretation): boolean {
  if (node.op !== plan.op) return false;
  const [, list] = node.inputs;
  switch (plan.op) {
    case 'none':
      return false;
    case 'Flatten':
      return node.attrs.has('axis') && node.attrs.int('axis') === 1;
    case 'Squeeze':
    case 'Unsqueeze':
      return list !== undefined && isConstant(list) && sameIntegers(unitAxes(node), plan.axes);
    case 'Reshape':
      return list !== undefined && isConstant(list) && sameIntegers(integersOf(list), plan.target);
  }
}

const sameIntegers = (a: readonly unknown[] | undefined, b: readonly number[]): boolean =>
  a?.length === b.length && b.every((item, i) => item === a[i]);
