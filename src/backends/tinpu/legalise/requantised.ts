import type { ConstantValue, Node } from '../../../ir/graph.js';
import { constant, op, type NodePattern, type Pattern } from '../../../passes/pattern.js';

/** A q.Bnorm and its constants. */
export interface BnormBindings {
  readonly bias: ConstantValue;
  readonly scale: ConstantValue;
  readonly shift: ConstantValue;
  readonly bnorm: Node;
}

/** The q.Bnorm that requantises what the pattern matches. */
export const requantised = <B extends object>(accumulator: Pattern<B>): NodePattern<B & BnormBindings> =>
  op('q.Bnorm', [accumulator, constant('bias'), constant('scale'), constant('shift')], { as: 'bnorm' });
