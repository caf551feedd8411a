import { isConstant } from '../../../ir/graph.js';
import { having } from '../../../passes/having.js';
import { reinterpret } from '../../../passes/layout/reinterpret.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';

/** Reshape to a shape that the graph computes from that of the data → the plainest operator that gives the same shape. */
export const fixDynamicReshape: Rule = rule({
  name: 'fix-dynamic-reshape',
  match: having(op('Reshape', undefined, { as: 'node' }), ({ inputs: [, shape] }) =>
    shape === undefined || isConstant(shape) ? 'its shape is constant' : undefined,
  ),
  rewrite: ({ node }, to) => {
    const [x] = node.inputs;
    const shape = node.outputs[0]?.type.shape;
    const simple = x && shape && reinterpret(to, x, shape);
    return simple ?? decline('the shape has sizes that no constant expresses', node);
  },
});
