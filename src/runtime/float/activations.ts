import { erfc } from './erf.js';
import type { UnaryDefinition, UnaryLoop } from './unary.js';

/**
 * Loops of the activation functions, each by its formula in the ONNX operator text, evaluated in float64 and rounded
 * once. A two-entry table takes the place of a branch on the sign, which real data make unpredictable.
 */

const relu: UnaryLoop = (x, y) => {
  const choice = new Float64Array(2);
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    choice[0] = v;
    y[i] = choice[+(v < 0)]!;
  }
};

const leakyRelu: UnaryLoop = (x, y, alpha) => {
  const slopes = Float64Array.of(1, alpha);
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = v * slopes[+(v < 0)]!;
  }
};

const thresholdedRelu: UnaryLoop = (x, y, alpha) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = v > alpha ? v : 0;
  }
};

const shrink: UnaryLoop = (x, y, lambd, bias) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = v < -lambd ? v + bias : v > lambd ? v - bias : 0;
  }
};

const elu: UnaryLoop = (x, y, alpha) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = v < 0 ? alpha * Math.expm1(v) : v;
  }
};

const celu: UnaryLoop = (x, y, alpha) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = v < 0 ? alpha * Math.expm1(v / alpha) : v;
  }
};

const selu: UnaryLoop = (x, y, alpha, gamma) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = gamma * (v < 0 ? alpha * Math.expm1(v) : v);
  }
};

const hardSigmoid: UnaryLoop = (x, y, alpha, beta) => {
  for (let i = 0; i < x.length; i++) {
    const v = alpha * x[i]! + beta;
    y[i] = v < 0 ? 0 : v > 1 ? 1 : v;
  }
};

const hardSwish: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = v <= -3 ? 0 : v >= 3 ? v : (v * (v + 3)) / 6;
  }
};

/** 1 / (1 + exp(-v)) without overflow on either side. */
function logistic(v: number): number {
  const e = Math.exp(-Math.abs(v));
  return (v < 0 ? e : 1) / (1 + e);
}

const sigmoid: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = logistic(x[i]!);
};

/** A product that is 0 where the gate has closed, also for an infinite `v`. */
const gated = (v: number, gate: number): number => (gate === 0 ? 0 : v * gate);

const swish: UnaryLoop = (x, y, alpha) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = gated(v, logistic(alpha * v));
  }
};

const tanh: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = Math.tanh(x[i]!);
};

/** ln(1 + exp(v)) without overflow. */
const softplusOf = (v: number): number => (v > 0 ? v : 0) + Math.log1p(Math.exp(-Math.abs(v)));

const softplus: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) y[i] = softplusOf(x[i]!);
};

const softsign: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = Math.abs(v) === Infinity ? Math.sign(v) : v / (1 + Math.abs(v));
  }
};

const mish: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = gated(v, Math.tanh(softplusOf(v)));
  }
};

const erfGelu: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = gated(v, 0.5 * erfc(-v * Math.SQRT1_2));
  }
};

const ROOT_TWO_OVER_PI = Math.sqrt(2 / Math.PI);

const tanhGelu: UnaryLoop = (x, y) => {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    // 0.5 (1 + tanh u) is the logistic function of 2u.
    y[i] = gated(v, logistic(2 * ROOT_TWO_OVER_PI * (v + 0.044715 * v * v * v)));
  }
};

const gelu: UnaryLoop = (x, y, approximate) => {
  if (approximate === 1) tanhGelu(x, y, 0, 0);
  else erfGelu(x, y, 0, 0);
};

/** Attributes of kind float, which ONNX holds in float32, with their defaults. */
const floats =
  (defaults: Readonly<Record<string, number>>): NonNullable<UnaryDefinition['parameters']> =>
  (attrs) =>
    Object.entries(defaults).map(([name, fallback]) => Math.fround(attrs.float(name, fallback)));

/** Activation functions by operator name. */
export const ACTIVATIONS: readonly (readonly [string, UnaryDefinition])[] = [
  ['Relu', { loop: relu, big: (v) => (v < 0n ? 0n : v) }],
  ['LeakyRelu', { loop: leakyRelu, parameters: floats({ alpha: 0.01 }) }],
  ['ThresholdedRelu', { loop: thresholdedRelu, parameters: floats({ alpha: 1 }) }],
  ['Shrink', { loop: shrink, parameters: floats({ lambd: 0.5, bias: 0 }) }],
  ['Elu', { loop: elu, parameters: floats({ alpha: 1 }) }],
  ['Celu', { loop: celu, parameters: floats({ alpha: 1 }) }],
  ['Selu', { loop: selu, parameters: floats({ alpha: 1.6732632423543772, gamma: 1.0507009873554805 }) }],
  ['HardSigmoid', { loop: hardSigmoid, parameters: floats({ alpha: 0.2, beta: 0.5 }) }],
  ['HardSwish', { loop: hardSwish }],
  ['Sigmoid', { loop: sigmoid }],
  ['Swish', { loop: swish, parameters: floats({ alpha: 1 }) }],
  ['Tanh', { loop: tanh }],
  ['Softplus', { loop: softplus }],
  ['Softsign', { loop: softsign }],
  ['Mish', { loop: mish }],
  ['Gelu', { loop: gelu, parameters: (attrs) => [attrs.string('approximate', 'none') === 'tanh' ? 1 : 0] }],
];
