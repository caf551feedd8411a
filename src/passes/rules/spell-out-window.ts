import { explicitWindow } from '../layout/explicit-window.js';
import { Attributes } from '../../ir/attributes.js';
import { sameAttributes } from '../layout/same-attributes.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';

const OPERATORS = ['Conv', 'ConvTranspose', 'MaxPool', 'AveragePool', 'LpPool'];

/** A convolution or pool with its attributes spelt out, auto_pad, output_shape and ceil_mode turned into pads. */
export const spellOutWindow: Rule = rule({
  name: 'spell-out-window',
  match: having(op(OPERATORS, undefined, { as: 'node' }), (node) => {
    const explicit = explicitWindow(node);
    return explicit instanceof Attributes && sameAttributes(explicit, node.attrs) ? 'it is spelt out' : undefined;
  }),
  check: ({ node }) =>
    node.outputs.length > 1 ? decline('it has a second result, the places of the maxima') : undefined,
  rewrite: ({ node }, to) => {
    const explicit = explicitWindow(node);
    return explicit instanceof Attributes ? to.op(node.op, node.inputs, explicit) : decline(explicit.reason, node);
  },
});
