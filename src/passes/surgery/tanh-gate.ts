import type { Gate } from './gate.js';
import { near } from './near.js';
import { readPolynomial, scaled, type Polynomial } from './polynomial.js';

/** x · ½ · (1 + tanh(argument)), the argument a polynomial in x. */
export interface TanhGate {
  readonly argument: Polynomial;
}

/** Cores that `readTanhGate` understands. */
export const TANH_CORES: readonly string[] = ['Tanh', 'Sigmoid', 'Exp'];

/**
 * Reads a gate by Tanh, by Sigmoid, which is ½ (1 + tanh(z / 2)), or by 1 / (1 + Exp(-z)), and says why it is none. Both
 * functions are odd about their middle, so a negative argument turns the sign of the scale.
 */
export function readTanhGate(gate: Gate): TanhGate | string {
  const { core, x, cover, isInverse } = gate;
  if (isInverse !== (core.op === 'Exp')) return `${core.op} stands on the other side of the fraction`;
  const polynomial = readPolynomial(core.inputs[0], x, cover);
  if (polynomial === undefined) return `the argument of ${core.op} is no polynomial in '${x.name}'`;
  if (core.op === 'Exp') {
    if (!near(gate.scale, 1) || !near(gate.offset, 1)) return 'the divisor is not 1 + Exp';
    return { argument: scaled(polynomial, -0.5) };
  }
  const isSigmoid = core.op === 'Sigmoid';
  const sign = (polynomial[1] ?? 0) < 0 ? -1 : 1;
  const scale = isSigmoid ? gate.scale / 2 : gate.scale;
  const offset = isSigmoid ? gate.offset + gate.scale / 2 : gate.offset;
  if (!near(scale * sign, 0.5) || !near(offset, 0.5)) return 'the gate does not lead from 0 to 1';
  return { argument: scaled(polynomial, isSigmoid ? sign / 2 : sign) };
}
