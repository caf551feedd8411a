import type { Attributes } from '../../ir/attributes.js';
import type { FloatArray } from './floats.js';
import type { Squash } from './recurrent-functions.js';

/** One sample on its way through one direction of a layer; each list has one entry a hidden unit. */
export interface CellState {
  /** What data and biases add to each gate at this step; the cell computes the gates in place. */
  readonly gates: readonly FloatArray[];
  readonly hidden: FloatArray;
  readonly cell: FloatArray;
  /** Peephole weights of LSTM: input, output, forget gate. */
  readonly peepholes: readonly FloatArray[] | undefined;
  /** What the recurrence adds apart from the other gates: the bias of GRU's hidden gate, when that is reset after it. */
  readonly hiddenBias: FloatArray;
  /** Room for one list. */
  readonly spare: FloatArray;
  readonly activations: readonly Squash[];
  /** Adds R · from, of gates `first` to `first + target.length / hidden size`, to `target`. */
  readonly recur: (from: FloatArray, first: number, gates: number, target: FloatArray) => void;
  /** All of `gates` in a row. */
  readonly sums: FloatArray;
}

/** Moves the state by one step. Each element rounds once for every gate and state that the operator text names. */
export type CellStep = (state: CellState) => void;

const rnn: CellStep = ({ sums, hidden, activations, recur }) => {
  recur(hidden, 0, 1, sums);
  activations[0]!(sums);
  hidden.set(sums);
};

function gru(linearBeforeReset: boolean): CellStep {
  return ({ sums, gates, hidden, spare, hiddenBias, activations, recur }) => {
    const [z, r, candidate] = gates as [FloatArray, FloatArray, FloatArray];
    const [f, g] = activations as [Squash, Squash];
    const size = hidden.length;
    recur(hidden, 0, 2, sums);
    f(z);
    f(r);
    if (linearBeforeReset) {
      spare.set(hiddenBias);
      recur(hidden, 2, 1, spare);
      for (let i = 0; i < size; i++) candidate[i]! += r[i]! * spare[i]!;
    } else {
      for (let i = 0; i < size; i++) spare[i] = r[i]! * hidden[i]!;
      recur(spare, 2, 1, candidate);
    }
    g(candidate);
    for (let i = 0; i < size; i++) hidden[i] = (1 - z[i]!) * candidate[i]! + z[i]! * hidden[i]!;
  };
}

function lstm(coupled: boolean): CellStep {
  return ({ sums, gates, hidden, cell, spare, peepholes, activations, recur }) => {
    const [input, output, forget, candidate] = gates as [FloatArray, FloatArray, FloatArray, FloatArray];
    const [f, g, h] = activations as [Squash, Squash, Squash];
    const size = hidden.length;
    recur(hidden, 0, 4, sums);
    if (peepholes !== undefined) {
      const [toInput, , toForget] = peepholes;
      for (let i = 0; i < size; i++) {
        input[i]! += toInput![i]! * cell[i]!;
        forget[i]! += toForget![i]! * cell[i]!;
      }
    }
    f(input);
    if (coupled) for (let i = 0; i < size; i++) forget[i] = 1 - input[i]!;
    else f(forget);
    g(candidate);
    for (let i = 0; i < size; i++) cell[i] = forget[i]! * cell[i]! + input[i]! * candidate[i]!;
    if (peepholes !== undefined) for (let i = 0; i < size; i++) output[i]! += peepholes[1]![i]! * cell[i]!;
    f(output);
    spare.set(cell);
    h(spare);
    for (let i = 0; i < size; i++) hidden[i] = output[i]! * spare[i]!;
  };
}

/** What tells the recurrent operators apart. */
export interface Cell {
  readonly gates: number;
  /** Whether the recurrence bias of the last gate stays apart from the sums. */
  readonly separateBias: (attrs: Attributes) => boolean;
  readonly step: (attrs: Attributes) => CellStep;
}

const resetsAfter = (attrs: Attributes): boolean => attrs.int('linear_before_reset', 0) !== 0;
const never = (): boolean => false;

export const RNN_CELL: Cell = { gates: 1, separateBias: never, step: () => rnn };
export const GRU_CELL: Cell = { gates: 3, separateBias: resetsAfter, step: (attrs) => gru(resetsAfter(attrs)) };
export const LSTM_CELL: Cell = {
  gates: 4,
  separateBias: never,
  step: (attrs) => lstm(attrs.int('input_forget', 0) !== 0),
};
