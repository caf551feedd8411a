import { gatedBy, type Gate } from './gate.js';
import { near } from './near.js';
import { isNearly, readPolynomial } from './polynomial.js';
import type { SurgeryEntry } from './entry.js';
import { chainToRelu, operatorToRelu } from './relu.js';
import { readTanhGate, TANH_CORES } from './tanh-gate.js';

/** √(2/π) (x + 0.044715 x³), the argument of Tanh in ONNX's approximation of GELU. */
const TANH_ARGUMENT = [0, 1, 0, 0.044715].map((coefficient) => coefficient * Math.sqrt(2 / Math.PI));

/** ½ x (1 + erf(x / √2)), and the same with tanh(√(2/π) (x + 0.044715 x³)), in any order of the operations. */
function geluComplaint(gate: Gate): string | undefined {
  if (gate.core.op === 'Erf') return erfComplaint(gate);
  const read = readTanhGate(gate);
  if (typeof read === 'string') return read;
  return isNearly(read.argument, TANH_ARGUMENT) ? undefined : `the argument of ${gate.core.op} is not that of GELU`;
}

function erfComplaint({ core, x, scale, offset, isInverse, cover }: Gate): string | undefined {
  if (isInverse) return 'it divides by the gate';
  const argument = readPolynomial(core.inputs[0], x, cover);
  if (argument === undefined) return `the argument of Erf is no polynomial in '${x.name}'`;
  const sign = (argument[1] ?? 0) < 0 ? -1 : 1;
  if (!isNearly(argument, [0, sign * Math.SQRT1_2])) return `the argument of Erf is not '${x.name}' / √2`;
  return near(scale * sign, 0.5) && near(offset, 0.5) ? undefined : 'the gate does not lead from 0 to 1';
}

/** GELU: the operator, both approximations, and what exporters write in its place. */
export const gelu: SurgeryEntry = {
  name: 'gelu',
  replaces: 'Gelu; x/2 · (1 + Erf(x/√2)); its approximation by Tanh',
  by: 'Relu',
  rules: [operatorToRelu('Gelu'), chainToRelu('replace-gelu-chain', gatedBy(['Erf', ...TANH_CORES], geluComplaint))],
};
