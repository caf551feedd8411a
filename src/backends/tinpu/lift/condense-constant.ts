import { sameShape } from '../../../ir/shape.js';
import { having } from '../../../passes/having.js';
import { op } from '../../../passes/pattern.js';
import { decline, rule, type Rule } from '../../../passes/rule.js';
import { constantStep } from './affine-chain.js';
import { condensed } from './spread-constant.js';

/**
 * Arithmetic with a constant whose elements repeat along an axis → with one that broadcasts instead: an exporter may have
 * expanded what applies per channel, or to all elements alike.
 */
export const condenseConstant: Rule = rule({
  name: 'condense-constant',
  match: having(op(['Add', 'Sub', 'Mul', 'Div'], undefined, { as: 'node' }), (node) =>
    constantStep(node) === undefined ? 'no operand is constant' : undefined,
  ),
  rewrite: ({ node }, to) => {
    const step = constantStep(node);
    const tensor = step?.constant.constant;
    if (step === undefined || tensor === undefined) return decline('no operand is constant', node);
    const smaller = condensed(tensor);
    if (smaller === tensor) return decline('no axis repeats its elements', node);
    if (!sameShape(step.data.type.shape, node.outputs[0]?.type.shape ?? []))
      return decline('the constant enlarges the tensor', node);
    const constant = to.constant(smaller, step.constant.name);
    return to.op(
      node.op,
      node.inputs.map((input) => (input === step.constant ? constant : input)),
    );
  },
});
