import type { Attributes } from '../../ir/attributes.js';
import type { Operator } from '../../ir/ops/operator.js';
import { recurrentActivations } from '../../ir/ops/recurrent-activations.js';
import { gru, lstm, RECURRENT_DEFAULTS, recurrentLayout, rnn } from '../../ir/ops/recurrent.js';
import type { Tensor } from '../../ir/tensor.js';
import { ExecutionFault, type Arena, type Kernel } from '../kernel.js';
import { roundShortFloats } from './buffers.js';
import { floatsOf, type FloatArray } from './floats.js';
import { multiples } from './matmul.js';
import { planned } from './plan.js';
import { multiply } from './product.js';
import { GRU_CELL, LSTM_CELL, RNN_CELL, type Cell, type CellState } from './recurrent-cells.js';
import { squash, type Squash } from './recurrent-functions.js';
import { checked, present, resolveDims } from './resolve.js';

interface RecurrentPlan {
  readonly dims: readonly (readonly number[])[];
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  readonly hidden: number;
  readonly reversed: readonly boolean[];
  /** Those of gates, whose inputs `clip` bounds, and that of LSTM's cell state, which ONNX Runtime does not clip. */
  readonly activations: readonly (readonly Squash[])[];
  readonly batchFirst: boolean;
  /** Tables of products with the columns of the transposed weights. */
  readonly overFeatures: Int32Array;
  readonly overHidden: Int32Array;
  readonly fromFeatures: Int32Array;
  readonly fromHidden: Int32Array;
  readonly to: Int32Array;
}

const planRecurrent = (
  spec: Operator,
  cell: Cell,
  defaults: readonly string[],
): ReturnType<typeof planned<RecurrentPlan>> =>
  planned((node, inputs): RecurrentPlan => {
    const dims = resolveDims(spec, node, inputs);
    const { reversed, batchFirst } = recurrentLayout(node);
    const [outer = 0, inner = 0, features = 0] = present(inputs, 0).dims;
    const hidden = present(inputs, 2).dims[2]!;
    const clip = node.attrs.has('clip') ? Math.fround(node.attrs.float('clip')) : undefined;
    const functions = checked(() => recurrentActivations(node, defaults, reversed.length));
    const columns = cell.gates * hidden;
    return {
      dims,
      steps: batchFirst ? inner : outer,
      batch: batchFirst ? outer : inner,
      features,
      hidden,
      reversed,
      activations: functions.map((own) => own.map((activation, i) => squash(activation, i < 2 ? clip : undefined))),
      batchFirst,
      overFeatures: multiples(features, 1),
      overHidden: multiples(hidden, 1),
      fromFeatures: multiples(columns, features),
      fromHidden: multiples(columns, hidden),
      to: multiples(columns, 1),
    };
  });

/** @throws ExecutionFault when a sequence is longer than the data, or its length negative. */
function lengthsOf(tensor: Tensor | undefined, { batch, steps }: RecurrentPlan, op: string): ArrayLike<number> {
  if (tensor === undefined) return new Int32Array(batch).fill(steps);
  const lengths = floatsOf(tensor);
  const wrong = lengths.find((length) => length < 0 || length > steps);
  if (wrong === undefined) return lengths;
  throw new ExecutionFault(`a sequence length of ${op} is ${wrong}, accepted: 0 to ${steps}`);
}

/** `count` lists of `size` elements from `at` on. */
const listsAt = (data: FloatArray, at: number, size: number, count: number): FloatArray[] =>
  Array.from({ length: count }, (_, i) => data.subarray(at + i * size, at + (i + 1) * size));

/** Sums of both biases of one direction; the recurrence bias of a last gate that is kept apart stays out. */
function biasOf(bias: FloatArray | undefined, direction: number, columns: number, apart: number): Float64Array {
  const sums = new Float64Array(columns);
  if (bias === undefined) return sums;
  const at = direction * 2 * columns;
  for (let i = 0; i < columns; i++) sums[i] = bias[at + i]! + (i < columns - apart ? bias[at + columns + i]! : 0);
  return sums;
}

const scratch = (like: FloatArray, length: number, arena: Arena): FloatArray =>
  (like instanceof Float64Array ? arena.tensor('float64', [length]).data : arena.scratch(length)).subarray(0, length);

/** Data, weights and results of a layer under way. */
interface Run {
  readonly plan: RecurrentPlan;
  readonly cell: Cell;
  readonly attrs: Attributes;
  readonly x: FloatArray;
  readonly w: FloatArray;
  readonly r: FloatArray;
  readonly bias: FloatArray | undefined;
  readonly lengths: ArrayLike<number>;
  /** Initial hidden and cell states. */
  readonly initial: readonly (FloatArray | undefined)[];
  readonly peepholes: FloatArray | undefined;
  /** All hidden states, the last hidden and the last cell states. */
  readonly results: readonly FloatArray[];
  /** What data and biases add to the gates at each step of each sample. */
  readonly projected: FloatArray;
  readonly sums: FloatArray;
  /** Room for one list each. */
  readonly lists: readonly FloatArray[];
}

function project({ plan, cell, attrs, x, w, bias, projected }: Run, d: number): void {
  const { steps, batch, features, hidden, overFeatures, fromFeatures, to } = plan;
  const columns = cell.gates * hidden;
  const added = biasOf(bias, d, columns, cell.separateBias(attrs) ? hidden : 0);
  for (let i = 0; i < projected.length; i++) projected[i] = added[i % columns]!;
  const tables = { inner: overFeatures, from: fromFeatures, to };
  const product = { rows: steps * batch, a: x, aRow: features, b: w, y: projected, yRow: columns, ...tables };
  multiply(product, 0, d * columns * features, 0);
}

function stateOf(run: Run, d: number): CellState {
  const { plan, cell, attrs, r, bias, peepholes, sums, lists } = run;
  const { hidden: size, overHidden, fromHidden, to } = plan;
  const columns = cell.gates * size;
  const [hidden, memory, spare, hiddenBias] = lists as [FloatArray, FloatArray, FloatArray, FloatArray];
  const apart = cell.separateBias(attrs) ? bias : undefined;
  restore(hiddenBias, apart, (d + 1) * 2 * columns - size);
  return {
    gates: listsAt(sums, 0, size, cell.gates),
    sums,
    hidden,
    cell: memory,
    spare,
    hiddenBias,
    peepholes: peepholes && listsAt(peepholes, d * 3 * size, size, 3),
    activations: plan.activations[d]!,
    recur: (a, first, gates, y) => {
      const from = fromHidden.subarray(0, gates * size);
      const product = { rows: 1, a, aRow: size, b: r, inner: overHidden, from, y, yRow: columns, to };
      multiply(product, 0, (d * columns + first * size) * size, 0);
    },
  };
}

function runDirection(run: Run, d: number): void {
  const { plan, cell, projected, sums, lengths, initial, results } = run;
  const { batch, hidden: size, batchFirst, steps } = plan;
  const directions = plan.reversed.length;
  const columns = cell.gates * size;
  const [sequence, lastHidden, lastCell] = results;
  project(run, d);
  const state = stateOf(run, d);
  const move = cell.step(run.attrs);
  for (let b = 0; b < batch; b++) {
    const stateAt = (batchFirst ? b * directions + d : d * batch + b) * size;
    restore(state.hidden, initial[0], stateAt);
    restore(state.cell, initial[1], stateAt);
    const length = lengths[b]!;
    for (let s = 0; s < length; s++) {
      const t = plan.reversed[d] === true ? length - 1 - s : s;
      const row = batchFirst ? b * steps + t : t * batch + b;
      sums.set(projected.subarray(row * columns, (row + 1) * columns));
      move(state);
      sequence!.set(state.hidden, (batchFirst ? row * directions + d : (t * directions + d) * batch + b) * size);
    }
    lastHidden?.set(state.hidden, stateAt);
    lastCell?.set(state.cell, stateAt);
  }
}

/**
 * Runs each sample through its own steps in each direction. States beyond the end of a sequence are 0 in the first
 * result, the last states are those of its own last step. Sums are taken in float64; gates and states round as they are
 * stored.
 */
function recurrentKernel(spec: Operator, cell: Cell, defaults: readonly string[]): Kernel {
  const planOf = planRecurrent(spec, cell, defaults);
  return (node, inputs, arena) => {
    const plan = planOf(node, inputs);
    const x = floatsOf(present(inputs, 0));
    const optional = (index: number): FloatArray | undefined => inputs[index] && floatsOf(inputs[index]);
    const results = plan.dims.map((dims) => arena.tensor(present(inputs, 0).dtype, dims));
    const columns = cell.gates * plan.hidden;
    const run: Run = {
      plan,
      cell,
      attrs: node.attrs,
      x,
      w: floatsOf(present(inputs, 1)),
      r: floatsOf(present(inputs, 2)),
      bias: optional(3),
      lengths: lengthsOf(inputs[4], plan, node.op),
      initial: [optional(5), optional(6)],
      peepholes: optional(7),
      results: results.map(floatsOf),
      projected: scratch(x, plan.steps * plan.batch * columns, arena),
      sums: scratch(x, columns, arena),
      lists: Array.from({ length: 4 }, () => scratch(x, plan.hidden, arena)),
    };
    run.results[0]!.fill(0);
    for (let d = 0; d < plan.reversed.length; d++) runDirection(run, d);
    for (const result of results) roundShortFloats(result);
    return results;
  };
}

function restore(state: FloatArray, from: FloatArray | undefined, at: number): void {
  if (from === undefined) state.fill(0);
  else state.set(from.subarray(at, at + state.length));
}

/** Kernels of `RECURRENT_OPERATORS`, by qualified name. */
export const RECURRENT_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['RNN', recurrentKernel(rnn, RNN_CELL, RECURRENT_DEFAULTS.RNN)],
  ['GRU', recurrentKernel(gru, GRU_CELL, RECURRENT_DEFAULTS.GRU)],
  ['LSTM', recurrentKernel(lstm, LSTM_CELL, RECURRENT_DEFAULTS.LSTM)],
];
