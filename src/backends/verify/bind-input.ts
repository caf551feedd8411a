import { InternalError, type UserError } from '../../ir/diagnostics.js';
import type { Graph, Node, Value } from '../../ir/graph.js';
import { Tensor } from '../../ir/tensor.js';
import { applyInputSequence, type ClipRange, type InputSequence } from '../../runtime/vectors/input-sequence.js';
import type { VectorArray } from '../../runtime/vectors/vector-set.js';
import type { BindOptions } from './bind-vectors.js';
import type { ExpectedTensor } from './bound-vector.js';
import { numbersIn } from './elements.js';
import { inputNormOf } from './input-norm-of.js';
import { convertInput, splitInput } from './split-input.js';
import { vectorFault } from './vector-fault.js';

/** What a set gives for one input of the model. */
export interface InputArrays {
  readonly graph: Graph;
  readonly input: Value;
  /** Of the set, for messages. */
  readonly label: string;
  readonly floats: VectorArray | undefined;
  readonly integers: VectorArray | undefined;
  /** The input sequence of a generated header. */
  readonly sequence: InputSequence | undefined;
  readonly options: BindOptions;
}

/** What an input is in each run of a set, and what follows from it. */
export interface BoundInput {
  readonly input: Value;
  readonly runs: readonly BoundInputRun[];
}

export interface BoundInputRun {
  readonly feed: Tensor;
  /** What C code would feed, which truncates, where a header's sequence made the feed. */
  readonly truncated?: Tensor | undefined;
  /** A value that is given instead of computed. */
  readonly forced?: readonly [Value, Tensor] | undefined;
  readonly expected: readonly ExpectedTensor[];
}

/**
 * Binds one input. With an input sequence of its own, the model takes floats and must compute the integers given, or is given
 * them past its sequence when no floats are known. Without one it takes the integers given, or those that a header's sequence
 * makes of floats, or the floats as they are.
 * @throws UserError when nothing is given, or sizes or values do not fit
 */
export function bindInput(given: InputArrays): BoundInput {
  const { graph, input, floats, integers, sequence, label } = given;
  const norm = inputNormOf(graph, input);
  const own = input.type.dtype;
  const unread = norm === undefined && sequence === undefined && integers !== undefined;
  const real =
    unread || floats === undefined
      ? undefined
      : splitInput(input, floats, norm === undefined && sequence !== undefined ? 'float32' : own, contextOf(given));
  const whole = integers && splitInput(input, integers, norm === undefined ? own : 'float32', contextOf(given));
  if (real !== undefined && whole !== undefined && real.length !== whole.length) {
    const message = `${label}: the input has ${real.length} vectors, its integers have ${whole.length}`;
    throw vectorFault('vector-size', message);
  }
  if (real === undefined && whole === undefined) throw missing(given);
  if (norm !== undefined)
    return { input, runs: real ? computed(given, norm, real, whole) : past(given, norm, whole ?? []) };
  if (real !== undefined && sequence !== undefined) return { input, runs: sequenced(given, sequence, real, whole) };
  return { input, runs: (whole ?? real ?? []).map((feed) => ({ feed, expected: [] })) };
}

const contextOf = ({ label, options }: InputArrays): Parameters<typeof splitInput>[3] => ({
  label,
  report: options.report,
});

/** Floats run through a header's sequence in front of the model; integers that are given as well are what it must make. */
function sequenced(
  given: InputArrays,
  sequence: InputSequence,
  real: readonly Tensor[],
  whole: readonly Tensor[] | undefined,
): readonly BoundInputRun[] {
  const { input, label } = given;
  const range = rangeOf(given, whole);
  const both = applied(sequence, range, real);
  reportTruncation(given, sequence, both);
  const asFed = (tensor: Tensor): Tensor => convertInput(tensor, input.type.dtype, input.name, label);
  return both.map(({ floored, truncated }, i): BoundInputRun => {
    const integers = whole?.[i];
    if (integers === undefined) return { feed: asFed(floored), truncated: asFed(truncated), expected: [] };
    const expected: ExpectedTensor = {
      name: sequence.prefix,
      kind: 'input-sequence',
      elements: numbersIn(integers),
      given: numbersIn(floored),
      truncated: numbersIn(truncated),
    };
    return { feed: integers, expected: [expected] };
  });
}

/** Floats run through the model's own sequence, which must make the integers given and those of a header's sequence. */
function computed(
  given: InputArrays,
  norm: Node,
  real: readonly Tensor[],
  whole: readonly Tensor[] | undefined,
): readonly BoundInputRun[] {
  const { sequence } = given;
  const name = resultOf(norm).name;
  const range = { lo: norm.attrs.int('lo'), hi: norm.attrs.int('hi') };
  const both = sequence && applied(sequence, range, real);
  if (sequence !== undefined && both !== undefined) reportTruncation(given, sequence, both);
  return real.map((feed, i) => {
    const [made, integers] = [both?.[i]?.floored, whole?.[i]];
    const expected: ExpectedTensor[] = [];
    if (made !== undefined) expected.push({ name, kind: 'input-sequence', elements: numbersIn(made) });
    if (integers !== undefined) expected.push({ name, kind: 'tensor', elements: numbersIn(integers) });
    return { feed, expected };
  });
}

/** Integers given past the model's own sequence; the floats, which nobody knows, are zeros. */
function past({ input, label }: InputArrays, norm: Node, whole: readonly Tensor[]): readonly BoundInputRun[] {
  const result = resultOf(norm);
  return whole.map((tensor) => ({
    feed: Tensor.zeros(input.type.dtype, tensor.dims),
    forced: [result, convertInput(tensor, result.type.dtype, result.name, label)],
    expected: [],
  }));
}

function resultOf({ outputs, name }: Node): Value {
  const [result] = outputs;
  if (result === undefined) throw new InternalError(`'${name}' has no result`);
  return result;
}

interface Roundings {
  readonly floored: Tensor;
  readonly truncated: Tensor;
}

const applied = (sequence: InputSequence, range: ClipRange, real: readonly Tensor[]): readonly Roundings[] =>
  real.map((x) => ({
    floored: applyInputSequence(x, sequence, range, 'floor'),
    truncated: applyInputSequence(x, sequence, range, 'truncate'),
  }));

/** Integers given decide, else what is known of the model. */
function rangeOf({ input, options }: InputArrays, whole: readonly Tensor[] | undefined): ClipRange {
  const seen = whole?.some((tensor) => tensor.toNumbers().some((n) => n > 127));
  const unsigned = input.type.dtype === 'uint8' || (seen ?? options.signedInput === false);
  return unsigned ? { lo: 0, hi: 255 } : { lo: -128, hi: 127 };
}

function reportTruncation(
  { label, options }: InputArrays,
  { prefix }: InputSequence,
  both: readonly Roundings[],
): void {
  let total = 0;
  let elements = 0;
  for (const { floored, truncated } of both) {
    elements += floored.size;
    for (let i = 0; i < floored.size; i++) if (floored.data[i] !== truncated.data[i]) total++;
  }
  if (total === 0) return;
  const message =
    `${label}: C code that casts to int32 before it shifts differs by 1 from the floor of '${prefix}' ` +
    `for ${total} of ${elements} inputs`;
  options.report?.({ code: 'input-truncation', severity: 'warning', message });
}

function missing({ graph, label, input }: InputArrays): UserError {
  const wanted = graph.inputs.map(({ name }) => `'${name}'`).join(', ');
  return vectorFault(
    'no-input',
    `${label} has no input '${input.name}'; the model takes ${wanted}`,
    'name the array as the model does, or input, inputs, input_q or model_test_input',
  );
}
