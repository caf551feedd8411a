import { formatShape, type Dim, type Shape } from '../shape.js';
import type { DType } from '../dtype.js';
import { FLAG, FLOAT, INT } from './attribute-specs.js';
import { checkDType } from './elementwise-inference.js';
import { checkInputRank } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import { recurrentActivations } from './recurrent-activations.js';
import { unifyDims } from './symbolic.js';
import type { NodeFacts } from './window.js';

const RECURRENT_TYPES: readonly DType[] = ['float32', 'float64', 'float16', 'bfloat16'];

/** What the attributes of a recurrent layer say of how it runs through the sequence. */
export interface RecurrentLayout {
  /** One entry a direction: whether it starts at the end. */
  readonly reversed: readonly boolean[];
  /** Whether the batch axis comes first (layout 1) and not the time axis. */
  readonly batchFirst: boolean;
}

export function recurrentLayout({ attrs }: NodeFacts): RecurrentLayout {
  const direction = attrs.string('direction', 'forward');
  return {
    reversed: direction === 'bidirectional' ? [false, true] : [direction === 'reverse'],
    batchFirst: attrs.int('layout', 0) === 1,
  };
}

/** @throws OperatorFault when the input is there and cannot have the expected shape. */
function checkShape(call: InferenceCall, index: number, what: string, expected: Shape): void {
  const facts = call.inputs[index];
  if (facts === undefined) return;
  const { shape } = facts.type;
  if (shape.length === expected.length && shape.every((dim, i) => unifyDims(dim, expected[i] ?? 1) !== undefined))
    return;
  throw new OperatorFault(
    'shape-mismatch',
    `the ${what} of ${call.op} has shape ${formatShape(shape)}, accepted: ${formatShape(expected)}`,
  );
}

/**
 * The hidden size, from the attribute, the recurrence weights [directions, gates · hidden, hidden] or what else tells.
 * @throws OperatorFault when they disagree, or when only the data tell.
 */
function hiddenSize(call: InferenceCall, gates: number): number {
  const w = required(call, 1).type.shape;
  const r = required(call, 2).type.shape;
  checkInputRank(call, 1, w, 3);
  checkInputRank(call, 2, r, 3);
  const candidates = [
    r[2],
    call.attrs.has('hidden_size') ? call.attrs.int('hidden_size') : undefined,
    ...[r[1], w[1]].map((rows) => (typeof rows === 'number' ? rows / gates : undefined)),
  ];
  const size = candidates.find((candidate) => typeof candidate === 'number');
  if (size === undefined) {
    throw new OperatorFault('dynamic-shape', `the hidden size of ${call.op} is not known before it runs`);
  }
  const other = candidates.find((candidate) => typeof candidate === 'number' && candidate !== size);
  if (other === undefined && Number.isInteger(size) && size > 0) return size;
  throw new OperatorFault(
    'shape-mismatch',
    `${call.op} has weights ${formatShape(w)} and ${formatShape(r)}` +
      `${call.attrs.has('hidden_size') ? ` and hidden_size ${call.attrs.int('hidden_size')}` : ''}, ` +
      `which do not agree on one hidden size for ${gates} gate${gates === 1 ? '' : 's'}`,
  );
}

interface RecurrentSpec {
  readonly name: string;
  /** Gates that the rows of the weights divide into. */
  readonly gates: number;
  /** Activation functions of one direction unless given. */
  readonly activations: readonly string[];
  readonly inputs: Operator['inputs'];
  readonly outputs: Operator['outputs'];
  readonly attributes?: Operator['attributes'];
}

/**
 * A recurrent layer over x [time, batch, features] with weights W [directions, gates · hidden, features] and
 * R [directions, gates · hidden, hidden]; gives the hidden states of all times [time, directions, batch, hidden] and the
 * last states [directions, batch, hidden]. With layout 1 the batch axis leads. Attribute `layout` asks for opset 14.
 */
function recurrent({ name, gates, activations, attributes, ...arity }: RecurrentSpec): Operator {
  return operator({
    name,
    since: 7,
    ...arity,
    optionalInputs: [3, 4, 5, 6, 7],
    attributes: {
      activation_alpha: { kind: 'floats' },
      activation_beta: { kind: 'floats' },
      activations: { kind: 'strings' },
      clip: FLOAT,
      direction: { kind: 'string', oneOf: ['forward', 'reverse', 'bidirectional'] },
      hidden_size: INT,
      layout: FLAG,
      ...attributes,
    },
    types: RECURRENT_TYPES,
    infer(call) {
      const { dtype, shape: x } = required(call, 0).type;
      checkInputRank(call, 0, x, 3);
      const { reversed, batchFirst } = recurrentLayout(call);
      const directions = reversed.length;
      recurrentActivations(call, activations, directions);
      checkClip(call);
      for (const [index, facts] of call.inputs.entries()) {
        if (facts !== undefined) checkDType(call, index, facts, index === 4 ? 'int32' : dtype);
      }
      const hidden = hiddenSize(call, gates);
      const [outer = 1, inner = 1, features = 1] = x;
      const batch = batchOf(call, batchFirst ? outer : inner, batchFirst);
      const steps = batchFirst ? inner : outer;
      const state = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
      checkShape(call, 1, 'weight', [directions, gates * hidden, features]);
      checkShape(call, 2, 'recurrence weight', [directions, gates * hidden, hidden]);
      checkShape(call, 3, 'bias', [directions, 2 * gates * hidden]);
      checkShape(call, 4, 'list of sequence lengths', [batch]);
      checkShape(call, 5, 'initial hidden state', state);
      checkShape(call, 6, 'initial cell state', state);
      checkShape(call, 7, 'peephole weight', [directions, 3 * hidden]);
      const sequence = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
      return [sequence, state, state].slice(0, call.outputCount).map((shape) => ({ type: { dtype, shape } }));
    },
  });
}

function checkClip({ op, attrs }: NodeFacts): void {
  if (!attrs.has('clip') || attrs.float('clip') >= 0) return;
  throw new OperatorFault(
    'invalid-attribute',
    `attribute clip of ${op} is ${attrs.float('clip')}, 0 or more is accepted`,
  );
}

/** The batch size as far as the data, the sequence lengths or an initial state know it. */
function batchOf(call: InferenceCall, batch: Dim, batchFirst: boolean): Dim {
  const others = [call.inputs[4]?.type.shape[0], ...[5, 6].map((i) => call.inputs[i]?.type.shape[batchFirst ? 0 : 1])];
  return typeof batch === 'number' ? batch : (others.find((dim) => typeof dim === 'number') ?? batch);
}

/** Activation functions of one direction unless the attribute `activations` names others. */
export const RECURRENT_DEFAULTS: Readonly<Record<'RNN' | 'GRU' | 'LSTM', readonly string[]>> = {
  RNN: ['Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
};

/** Ht = f(Xt Wᵀ + Ht-1 Rᵀ + Wb + Rb) (ONNX RNN). */
export const rnn: Operator = recurrent({
  name: 'RNN',
  gates: 1,
  activations: RECURRENT_DEFAULTS.RNN,
  inputs: [3, 6],
  outputs: [1, 2],
});

/** Gated recurrent unit, gates in the order z, r, h (ONNX GRU). */
export const gru: Operator = recurrent({
  name: 'GRU',
  gates: 3,
  activations: RECURRENT_DEFAULTS.GRU,
  inputs: [3, 6],
  outputs: [1, 2],
  attributes: { linear_before_reset: INT },
});

/** Long short-term memory, gates in the order i, o, f, c, peepholes i, o, f (ONNX LSTM). */
export const lstm: Operator = recurrent({
  name: 'LSTM',
  gates: 4,
  activations: RECURRENT_DEFAULTS.LSTM,
  inputs: [3, 8],
  outputs: [1, 3],
  attributes: { input_forget: INT },
});

/** Layers with a state. */
export const RECURRENT_OPERATORS: readonly Operator[] = [rnn, gru, lstm];
