import type { RecurrentActivation } from '../../ir/ops/recurrent-activations.js';
import { InternalError } from '../../ir/diagnostics.js';
import { ACTIVATIONS } from './activations.js';
import type { FloatArray } from './floats.js';
import type { UnaryLoop } from './unary.js';

/** Maps elements in place. */
export type Squash = (values: FloatArray) => void;

const affine: UnaryLoop = (x, y, alpha, beta) => {
  for (let i = 0; i < x.length; i++) y[i] = alpha * x[i]! + beta;
};

const scaledTanh: UnaryLoop = (x, y, alpha, beta) => {
  for (let i = 0; i < x.length; i++) y[i] = alpha * Math.tanh(beta * x[i]!);
};

function loopOf(name: string): UnaryLoop {
  if (name === 'Affine') return affine;
  if (name === 'ScaledTanh') return scaledTanh;
  const found = ACTIVATIONS.find(([known]) => known === name);
  if (found === undefined) throw new InternalError(`there is no loop for the activation ${name}`);
  return found[1].loop;
}

/** The activation function of a recurrent layer, whose input is first clipped to ±`clip` (ONNX RNN). */
export function squash({ name, alpha, beta }: RecurrentActivation, clip?: number): Squash {
  const loop = loopOf(name);
  if (clip === undefined) {
    return (values) => {
      loop(values, values, alpha, beta);
    };
  }
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = Math.min(Math.max(values[i]!, -clip), clip);
    loop(values, values, alpha, beta);
  };
}
