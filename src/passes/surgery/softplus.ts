import type { NodePattern } from '../pattern.js';
import { decline, rule, type Rule } from '../rule.js';
import { ENDS_MODEL, endsModel } from './ends-model.js';
import type { SurgeryEntry } from './entry.js';
import { relu } from './relu.js';
import { softplusChain, softplusOperator, type SoftplusBindings } from './softplus-patterns.js';

const replaceSoftplus = (name: string, match: NodePattern<SoftplusBindings>): Rule =>
  rule({
    name,
    match,
    check: ({ last }, graph) => (endsModel(graph, last.outputs[0]) ? decline(ENDS_MODEL, last) : undefined),
    rewrite: ({ x }, to) => relu(to, x),
  });

/** Softplus, the operator and Log(1 + Exp(x)), unless it ends the model. */
export const softplus: SurgeryEntry = {
  name: 'softplus',
  replaces: 'Softplus; Log(1 + Exp(x)); not at the end of a model',
  by: 'Relu',
  rules: [
    replaceSoftplus('replace-softplus', softplusOperator),
    replaceSoftplus('replace-softplus-chain', softplusChain),
  ],
};
