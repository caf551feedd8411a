import { EMPTY_MATCH, isMismatch } from '../pattern.js';
import type { SurgeryEntry } from './entry.js';
import { gatedBy, type Gate } from './gate.js';
import { near } from './near.js';
import { chainToRelu, operatorToRelu } from './relu.js';
import { anySoftplus } from './softplus-patterns.js';

/** x · Tanh(Softplus(x)). */
function mishComplaint({ core, x, graph, scale, offset, isInverse, cover }: Gate): string | undefined {
  if (isInverse) return 'it divides by the gate';
  const inner = anySoftplus.match(core.inputs[0], graph, EMPTY_MATCH);
  if (isMismatch(inner)) return inner.reason;
  if (inner.bindings.get('x') !== x) return `Tanh is not of Softplus of '${x.name}'`;
  for (const node of inner.nodes) cover.add(node);
  return near(scale, 1) && near(offset, 0) ? undefined : 'the gate does not lead from 0 to 1';
}

/** Mish: the operator and x · Tanh(Softplus(x)). */
export const mish: SurgeryEntry = {
  name: 'mish',
  replaces: 'Mish; x · Tanh(Softplus(x))',
  by: 'Relu',
  rules: [operatorToRelu('Mish'), chainToRelu('replace-mish-chain', gatedBy(['Tanh'], mishComplaint))],
};
