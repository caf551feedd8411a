import type { Node, Value } from '../../ir/graph.js';
import { any, constant, either, op, type NodePattern, type Pattern } from '../pattern.js';
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

/** What Softplus is taken of, and the node that delivers it. */
export interface SoftplusBindings {
  readonly x: Value;
  readonly last: Node;
}

/** Softplus(x). */
export const softplusOperator: NodePattern<SoftplusBindings> = op('Softplus', [any('x')], { as: 'last' });

/** Log(1 + Exp(x)). */
export const softplusChain: NodePattern<SoftplusBindings> = op('Log', [onePlusExp], { as: 'last' });

/** Either of them. */
export const anySoftplus: Pattern<SoftplusBindings> = either(softplusOperator, softplusChain);
