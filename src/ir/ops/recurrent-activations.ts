import { OperatorFault } from './operator.js';
import type { NodeFacts } from './window.js';

/** An activation function of a recurrent layer with its parameters. */
export interface RecurrentActivation {
  readonly name: string;
  readonly alpha: number;
  readonly beta: number;
}

/**
 * Defaults of alpha and beta, for the functions that have them: those of the operators of the same name (ONNX RNN).
 * NaN stands for none, where there is no such operator.
 */
const PARAMETERS: ReadonlyMap<string, readonly number[]> = new Map([
  ['Relu', []],
  ['Tanh', []],
  ['Sigmoid', []],
  ['Softsign', []],
  ['Softplus', []],
  ['LeakyRelu', [0.01]],
  ['ThresholdedRelu', [1]],
  ['Elu', [1]],
  ['HardSigmoid', [0.2, 0.5]],
  ['ScaledTanh', [NaN, NaN]],
  ['Affine', [NaN, NaN]],
]);

/** The function that a name means; exporters differ in its case. */
function functionOf(op: string, name: string): readonly [name: string, defaults: readonly number[]] {
  const found = [...PARAMETERS].find(([known]) => known.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new OperatorFault(
    'unsupported-attribute',
    `attribute activations of ${op} names ${JSON.stringify(name)}, accepted: ${[...PARAMETERS.keys()].join(', ')}`,
  );
}

/**
 * The activation functions of each direction. The lists activation_alpha and activation_beta are used up in the order of
 * the functions, by those that take such a parameter.
 * @throws OperatorFault when there are too many or too few of them, or one is not known.
 */
export function recurrentActivations(
  { op, attrs }: NodeFacts,
  defaults: readonly string[],
  directions: number,
): readonly (readonly RecurrentActivation[])[] {
  const given = attrs.strings('activations', []);
  const names = given.length === 0 ? Array.from({ length: directions }, () => defaults).flat() : given;
  if (names.length !== defaults.length * directions) {
    throw new OperatorFault(
      'invalid-attribute',
      `attribute activations of ${op} names ${names.length} functions, ${defaults.length * directions} are accepted`,
    );
  }
  const alphas = [...attrs.floats('activation_alpha', [])];
  const betas = [...attrs.floats('activation_beta', [])];
  const functions = names.map((given): RecurrentActivation => {
    const [name, [alpha, beta]] = functionOf(op, given);
    const parameters = {
      alpha: Math.fround(alpha === undefined ? 0 : (alphas.shift() ?? alpha)),
      beta: Math.fround(beta === undefined ? 0 : (betas.shift() ?? beta)),
    };
    if (!Number.isNaN(parameters.alpha) && !Number.isNaN(parameters.beta)) return { name, ...parameters };
    throw new OperatorFault(
      'invalid-attribute',
      `${op} has the activation ${name}, which needs an entry of activation_alpha and activation_beta`,
    );
  });
  return Array.from({ length: directions }, (_, d) => functions.slice(d * defaults.length, (d + 1) * defaults.length));
}
