import type { SurgeryEntry } from './entry.js';
import { gatedBy, type Gate } from './gate.js';
import { near } from './near.js';
import { chainToRelu, operatorToRelu } from './relu.js';
import { readTanhGate, TANH_CORES } from './tanh-gate.js';

const TOO_FLAT = 'its slope is below 1, where Relu is no likeness of it';

const isSteep = (slope: number): boolean => slope >= 1 || near(slope, 1);

/** x · Sigmoid(α x) with α ≥ 1, which `quick GELU` (1.702) is too. */
function siluComplaint(gate: Gate): string | undefined {
  const read = readTanhGate(gate);
  if (typeof read === 'string') return read;
  const [offset = 0, half = 0, ...higher] = read.argument;
  if (!near(offset, 0) || higher.some((coefficient) => coefficient !== 0)) {
    return `the argument of ${gate.core.op} is no multiple of '${gate.x.name}'`;
  }
  return isSteep(2 * half) ? undefined : TOO_FLAT;
}

/** SiLU, also called Swish: the operator and x · Sigmoid(α x). */
export const silu: SurgeryEntry = {
  name: 'silu',
  replaces: 'Swish; x · Sigmoid(αx) with α ≥ 1',
  by: 'Relu',
  rules: [
    operatorToRelu('Swish', (attrs) => (isSteep(attrs.float('alpha', 1)) ? undefined : TOO_FLAT)),
    chainToRelu('replace-silu-chain', gatedBy(TANH_CORES, siluComplaint)),
  ],
};
