import type { Attributes } from '../../ir/attributes.js';
import type { Value } from '../../ir/graph.js';
import { FLOAT_TYPES } from '../../ir/ops/element-types.js';
import { op, type NodePattern } from '../pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../rule.js';

/** Relu(x) of floats. */
export const relu = (to: Builder, x: Value): Value | Decline =>
  FLOAT_TYPES.includes(x.type.dtype) ? to.op('Relu', [x]) : decline(`the data are ${x.type.dtype}, not floats`);

/**
 * An activation that is one operator → Relu(first input).
 * @param objection what of its attributes makes it another kind of function
 */
export const operatorToRelu = (name: string, objection?: (attrs: Attributes) => string | undefined): Rule =>
  rule({
    name: `replace-${name.toLowerCase()}`,
    match: op(name, undefined, { as: 'node' }),
    check: ({ node }) => {
      const reason = objection?.(node.attrs);
      return reason === undefined ? undefined : decline(reason, node);
    },
    rewrite: ({ node }, to) => {
      const [x] = node.inputs;
      return x === undefined ? decline('it has no input', node) : relu(to, x);
    },
  });

/** An activation that is written with several operators → Relu(x). */
export const chainToRelu = (name: string, match: NodePattern<{ readonly x: Value }>): Rule =>
  rule({ name, match, rewrite: ({ x }, to) => relu(to, x) });
