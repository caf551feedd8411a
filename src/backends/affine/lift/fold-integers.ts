import { isConstant, type Node } from '../../../ir/graph.js';
import { AFFINE_TYPES } from '../../../ir/ops/affine/operands.js';
import { decline, type Rule } from '../../../passes/rule.js';
import { MOVERS } from '../../split/movers.js';
import { runConstant } from './evaluate.js';
import { readingRule } from './reading-rule.js';

/** QuantizeLinear or a mover of constants that gives integers → a constant: weights kept as floats, or transposed. */
export const foldIntegers: Rule = readingRule({
  name: 'fold-integers',
  roots: ['QuantizeLinear', ...MOVERS],
  read: (root) => (isFoldable(root) ? { nodes: [] } : undefined),
  rewrite: (_reading, to, root) => {
    const result = runConstant(
      root,
      root.inputs.map((input) => input?.constant),
    );
    return result === undefined
      ? decline('it cannot be computed beforehand', root)
      : to.constant(result, root.outputs[0]?.name);
  },
});

const isFoldable = ({ inputs, outputs }: Node): boolean =>
  outputs.length === 1 &&
  outputs.every(({ type }) => AFFINE_TYPES.includes(type.dtype)) &&
  inputs.every((input) => input === undefined || isConstant(input));
