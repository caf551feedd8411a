import { any, constant, either, op } from '../pattern.js';
import { splatOf } from '../splat.js';

const onePlusExp = op(
  'Add',
  [
    op('Exp', [any('x')], { soleUse: true }),
    constant('one', (value) =>
      splatOf(value) === 1 && value.type.shape.every((dim) => dim === 1) ? undefined : 'what is added to Exp is not 1',
    ),
  ],
  { commutative: true, soleUse: true },
);

/** Softplus(x). */
export const softplusOperator = op('Softplus', [any('x')], { as: 'last' });

/** Log(1 + Exp(x)). */
export const softplusChain = op('Log', [onePlusExp], { as: 'last' });

/** Either of them. */
export const anySoftplus = either(softplusOperator, softplusChain);
