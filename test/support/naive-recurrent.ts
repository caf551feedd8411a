import { Tensor } from '../../src/ir/tensor.js';
import type { AttributeInputs } from './run-operator.js';

type Vector = readonly number[];
type Matrix = readonly Vector[];
type Squash = (value: number) => number;

/** The activation functions that the naive layers know, by their formulas at ONNX RNN. */
const FUNCTIONS: Readonly<Record<string, (alpha: number, beta: number) => Squash>> = {
  Relu: () => (v) => Math.max(0, v),
  Tanh: () => Math.tanh,
  Sigmoid: () => (v) => 1 / (1 + Math.exp(-v)),
  Softsign: () => (v) => v / (1 + Math.abs(v)),
  Softplus: () => (v) => Math.log(1 + Math.exp(v)),
  LeakyRelu: (alpha) => (v) => (v < 0 ? alpha * v : v),
  ThresholdedRelu: (alpha) => (v) => (v > alpha ? v : 0),
  Elu: (alpha) => (v) => (v < 0 ? alpha * (Math.exp(v) - 1) : v),
  HardSigmoid: (alpha, beta) => (v) => Math.min(1, Math.max(0, alpha * v + beta)),
  ScaledTanh: (alpha, beta) => (v) => alpha * Math.tanh(beta * v),
  Affine: (alpha, beta) => (v) => alpha * v + beta,
};

/** Names of the functions with the number of their parameters. */
export const ACTIVATION_PARAMETERS: Readonly<Record<string, number>> = {
  Relu: 0,
  Tanh: 0,
  Sigmoid: 0,
  Softsign: 0,
  Softplus: 0,
  LeakyRelu: 1,
  ThresholdedRelu: 1,
  Elu: 1,
  HardSigmoid: 2,
  ScaledTanh: 2,
  Affine: 2,
};

const rows = (tensor: Tensor | undefined, from: number, count: number, width: number): Matrix =>
  Array.from({ length: count }, (_, i) => vector(tensor, from + i * width, width));
const vector = (tensor: Tensor | undefined, from: number, width: number): Vector =>
  Array.from({ length: width }, (_, i) => Number(tensor?.data[from + i] ?? 0));
const dot = (a: Vector, b: Vector): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const times = (m: Matrix, v: Vector): Vector => m.map((row) => dot(row, v));
const zip = (f: (...values: number[]) => number, ...lists: readonly Vector[]): Vector =>
  lists[0]!.map((_, i) => f(...lists.map((list) => list[i]!)));
const plus = (...lists: readonly Vector[]): Vector => zip((...values) => values.reduce((a, b) => a + b), ...lists);
const by = (a: Vector, b: Vector): Vector => zip((x, y) => x * y, a, b);

interface Weights {
  readonly w: readonly Matrix[];
  readonly r: readonly Matrix[];
  readonly wb: readonly Vector[];
  readonly rb: readonly Vector[];
  readonly p: readonly Vector[];
  readonly f: readonly ((v: Vector) => Vector)[];
}

interface State {
  readonly h: Vector;
  readonly c: Vector;
}

type Step = (x: Vector, state: State, weights: Weights, attrs: AttributeInputs) => State;

const STEPS: Readonly<Record<string, Step>> = {
  RNN: (x, { h, c }, { w, r, wb, rb, f }) => ({
    h: f[0]!(plus(times(w[0]!, x), times(r[0]!, h), wb[0]!, rb[0]!)),
    c,
  }),
  GRU: (x, { h, c }, { w, r, wb, rb, f: [f, g] }, attrs) => {
    const z = f!(plus(times(w[0]!, x), times(r[0]!, h), wb[0]!, rb[0]!));
    const reset = f!(plus(times(w[1]!, x), times(r[1]!, h), wb[1]!, rb[1]!));
    const added =
      attrs['linear_before_reset'] === 1
        ? by(reset, plus(times(r[2]!, h), rb[2]!))
        : plus(times(r[2]!, by(reset, h)), rb[2]!);
    const candidate = g!(plus(times(w[2]!, x), added, wb[2]!));
    return { h: zip((a, b, d) => (1 - a) * b + a * d, z, candidate, h), c };
  },
  LSTM: (x, { h, c }, { w, r, wb, rb, p, f: [f, g, last] }, attrs) => {
    const sum = (gate: number): Vector => plus(times(w[gate]!, x), times(r[gate]!, h), wb[gate]!, rb[gate]!);
    const i = f!(plus(sum(0), by(p[0]!, c)));
    const forget = attrs['input_forget'] === 1 ? i.map((v) => 1 - v) : f!(plus(sum(2), by(p[2]!, c)));
    const cell = plus(by(forget, c), by(i, g!(sum(3))));
    const o = f!(plus(sum(1), by(p[1]!, cell)));
    return { h: by(o, last!(cell)), c: cell };
  },
};

const GATES: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  RNN: ['Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
};

/**
 * RNN, GRU and LSTM by the equations of their ONNX texts, sample by sample on lists of float64 numbers. Activations that
 * are named come with all their parameters. Gives Y, Y_h and, of LSTM, Y_c.
 */
export function naiveRecurrent(op: string, inputs: readonly (Tensor | undefined)[], attrs: AttributeInputs): Tensor[] {
  const [x, w, r, b, lengths, h0, c0, p] = inputs;
  const batchFirst = attrs['layout'] === 1;
  const [outer, inner, features] = x!.dims as [number, number, number];
  const [steps, batch] = batchFirst ? [inner, outer] : [outer, inner];
  const size = r!.dims[2]!;
  const gates = GATES[op]!;
  const direction = attrs['direction'] ?? 'forward';
  const directions = direction === 'bidirectional' ? 2 : 1;
  const names = (attrs['activations'] as string[] | undefined) ?? [...DEFAULTS[op]!, ...DEFAULTS[op]!];
  const alphas = [...((attrs['activation_alpha'] as { floats: number[] } | undefined)?.floats ?? [])];
  const betas = [...((attrs['activation_beta'] as { floats: number[] } | undefined)?.floats ?? [])];
  const bound = (attrs['clip'] as { float: number } | undefined)?.float ?? Infinity;
  const functions = names.map((name, i) => {
    const parameters = ACTIVATION_PARAMETERS[name]!;
    const f = FUNCTIONS[name]!(
      parameters > 0 ? Math.fround(alphas.shift()!) : 0,
      parameters > 1 ? Math.fround(betas.shift()!) : 0,
    );
    const limit = i % DEFAULTS[op]!.length < 2 ? bound : Infinity;
    return (list: Vector) => list.map((v) => f(Math.min(limit, Math.max(-limit, v))));
  });
  const perDirection = DEFAULTS[op]!.length;
  const stateDims = batchFirst ? [batch, directions, size] : [directions, batch, size];
  const all = new Float64Array(steps * directions * batch * size);
  const [lastH, lastC] = [new Float64Array(directions * batch * size), new Float64Array(directions * batch * size)];
  for (let d = 0; d < directions; d++) {
    const at = (width: number): number => d * gates * size * width;
    const weights: Weights = {
      w: Array.from({ length: gates }, (_, g) => rows(w, at(features) + g * size * features, size, features)),
      r: Array.from({ length: gates }, (_, g) => rows(r, at(size) + g * size * size, size, size)),
      wb: rows(b, at(2), gates, size),
      rb: rows(b, at(2) + gates * size, gates, size),
      p: rows(p, d * 3 * size, 3, size),
      f: functions.slice(d * perDirection, (d + 1) * perDirection),
    };
    for (let n = 0; n < batch; n++) {
      const place = batchFirst ? n * directions + d : d * batch + n;
      let state: State = { h: vector(h0, place * size, size), c: vector(c0, place * size, size) };
      const length = lengths === undefined ? steps : Number(lengths.data[n]);
      const times = Array.from({ length }, (_, t) => t);
      for (const t of direction === 'reverse' || d === 1 ? times.reverse() : times) {
        const row = batchFirst ? n * steps + t : t * batch + n;
        state = STEPS[op]!(vector(x, row * features, features), state, weights, attrs);
        all.set(state.h, (batchFirst ? (n * steps + t) * directions + d : (t * directions + d) * batch + n) * size);
      }
      lastH.set(state.h, place * size);
      lastC.set(state.c, place * size);
    }
  }
  const allDims = batchFirst ? [batch, steps, directions, size] : [steps, directions, batch, size];
  const results = [Tensor.float32(allDims, all), Tensor.float32(stateDims, lastH), Tensor.float32(stateDims, lastC)];
  return op === 'LSTM' ? results : results.slice(0, 2);
}
