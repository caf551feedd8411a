import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import type { Graph, Node, Value } from '../../ir/graph.js';
import { formatShape, sameShape, sizeOf, type Shape } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { convertElements, ElementFault } from '../../passes/calibration/convert.js';
import { applyInputSequence, type ClipRange, type InputSequence } from '../../runtime/vectors/input-sequence.js';
import type { VectorArray, VectorSet } from '../../runtime/vectors/vector-set.js';
import type { AssignedArrays } from './assign-roles.js';
import type { BindOptions } from './bind-vectors.js';
import type { BoundVector, ExpectedTensor } from './bound-vector.js';
import { numbersIn } from './elements.js';
import { inputNormOf } from './input-norm-of.js';

export interface BoundInputs {
  readonly runs: readonly Omit<BoundVector, 'label'>[];
  /** The dims of a value in one run; undefined where they depend on more than the batch. */
  readonly resolve: (value: Value) => readonly number[] | undefined;
}

/** What an input is in all runs of a set: its tensor of each run, and what follows from it. */
interface BoundInput {
  readonly input: Value;
  readonly feeds: readonly Tensor[];
  readonly truncated: readonly Tensor[] | undefined;
  readonly forced: readonly (readonly [Value, Tensor] | undefined)[];
  readonly expected: readonly (readonly ExpectedTensor[])[];
}

/**
 * The inputs of the runs that a set holds. Integers of an input (`input_q`) are fed to a model that takes integers; one that
 * takes floats must compute them, or is given them past its input sequence when the floats are not known.
 */
export function bindInputs(
  graph: Graph,
  set: VectorSet,
  assigned: AssignedArrays,
  sequences: readonly InputSequence[],
  options: BindOptions,
): BoundInputs {
  const bound = graph.inputs.map((input, i) => {
    const floats = assigned.inputs.get(i);
    const integers = assigned.integers.get(i);
    if (floats === undefined && integers === undefined) throw missing(graph, set, input);
    return bindInput({ graph, set, input, floats, integers, sequence: sequences[i], options });
  });
  const count = bound[0]?.feeds.length ?? 1;
  const odd = bound.find(({ feeds }) => feeds.length !== count);
  if (odd !== undefined) {
    const message = `${set.label}: '${odd.input.name}' has ${odd.feeds.length} vectors, other inputs ${count}`;
    throw fault('vector-size', message);
  }
  const sizes = new Map<string, number>();
  for (const { input, feeds } of bound) {
    for (const [axis, dim] of input.type.shape.entries()) {
      const size = feeds[0]?.dims[axis];
      if (typeof dim === 'string' && size !== undefined) sizes.set(dim, size);
    }
  }
  const runs = Array.from({ length: count }, (_, i) => ({
    feeds: feedsOf(bound, ({ feeds }) => feeds[i]),
    truncatedFeeds: bound.some(({ truncated }) => truncated !== undefined)
      ? feedsOf(bound, ({ feeds, truncated }) => (truncated ?? feeds)[i])
      : undefined,
    forced: new Map(bound.flatMap(({ forced }) => (forced[i] === undefined ? [] : [forced[i]]))),
    expected: bound.flatMap(({ expected }) => expected[i] ?? []),
  }));
  return { runs, resolve: ({ type }) => resolved(type.shape, sizes) };
}

const feedsOf = (bound: readonly BoundInput[], of: (input: BoundInput) => Tensor | undefined): Map<string, Tensor> =>
  new Map(
    bound.flatMap((input) => {
      const tensor = of(input);
      return tensor === undefined ? [] : [[input.input.name, tensor] as const];
    }),
  );

function resolved(shape: Shape, sizes: ReadonlyMap<string, number>): number[] | undefined {
  const dims = shape.map((dim) => (typeof dim === 'number' ? dim : sizes.get(dim)));
  return dims.every((dim) => dim !== undefined) ? dims : undefined;
}

interface InputCase {
  readonly graph: Graph;
  readonly set: VectorSet;
  readonly input: Value;
  readonly floats: VectorArray | undefined;
  readonly integers: VectorArray | undefined;
  readonly sequence: InputSequence | undefined;
  readonly options: BindOptions;
}

function bindInput(given: InputCase): BoundInput {
  const { input, floats, integers, sequence } = given;
  const norm = inputNormOf(given.graph, input);
  const real = floats && splitInput(given, floats, norm !== undefined || sequence === undefined);
  const whole = integers && splitInput(given, integers, norm === undefined);
  if (real !== undefined && whole !== undefined && real.length !== whole.length) {
    const message = `${given.set.label}: the input has ${real.length} vectors, its integers have ${whole.length}`;
    throw fault('vector-size', message);
  }
  const nothing = (real ?? whole ?? []).map(() => undefined);
  if (norm !== undefined) return bindNormalised(given, norm, real, whole);
  if (real === undefined || sequence === undefined) {
    return { input, feeds: whole ?? real ?? [], truncated: undefined, forced: nothing, expected: [] };
  }
  const range = rangeOf(given, whole);
  const made = (rounding: 'floor' | 'truncate'): Tensor[] =>
    real.map((x) => convert(applyInputSequence(x, sequence, range, rounding), input, given));
  const [floored, truncated] = [made('floor'), made('truncate')];
  reportTruncation(given, sequence, floored, truncated);
  return {
    input,
    feeds: whole ?? floored,
    truncated: whole === undefined ? truncated : undefined,
    forced: nothing,
    expected: (whole ?? []).map((tensor, i) => [
      {
        name: sequence.prefix,
        kind: 'input-sequence',
        elements: numbersIn(tensor),
        given: numbersAt(floored, i),
        truncated: numbersAt(truncated, i),
      },
    ]),
  };
}

const numbersAt = (tensors: readonly Tensor[], i: number): ArrayLike<number> => tensors[i]?.toNumbers() ?? [];

/** A model that has its input sequence in itself. */
function bindNormalised(
  given: InputCase,
  norm: Node,
  real: readonly Tensor[] | undefined,
  whole: readonly Tensor[] | undefined,
): BoundInput {
  const { input, sequence } = given;
  const [result] = norm.outputs;
  if (result === undefined || (real ?? whole) === undefined) throw missing(given.graph, given.set, input);
  if (real === undefined) {
    return {
      input,
      feeds: (whole ?? []).map(({ dims }) => Tensor.zeros(input.type.dtype, dims)),
      truncated: undefined,
      forced: (whole ?? []).map((tensor) => [result, convert(tensor, result, given)]),
      expected: [],
    };
  }
  const range = { lo: norm.attrs.int('lo'), hi: norm.attrs.int('hi') };
  const made = sequence && real.map((x) => applyInputSequence(x, sequence, range));
  if (sequence !== undefined && made !== undefined) {
    const truncated = real.map((x) => applyInputSequence(x, sequence, range, 'truncate'));
    reportTruncation(given, sequence, made, truncated);
  }
  const expected = real.map((_, i): ExpectedTensor[] => [
    ...(made === undefined
      ? []
      : [{ name: result.name, kind: 'input-sequence' as const, elements: numbersAt(made, i) }]),
    ...(whole === undefined ? [] : [{ name: result.name, kind: 'tensor' as const, elements: numbersAt(whole, i) }]),
  ]);
  return { input, feeds: real, truncated: undefined, forced: real.map(() => undefined), expected };
}

/** Integers given decide, else what is known of the model. */
function rangeOf({ input, options }: InputCase, whole: readonly Tensor[] | undefined): ClipRange {
  const unsigned =
    input.type.dtype === 'uint8' ||
    (whole?.some((tensor) => tensor.toNumbers().some((n) => n > 127)) ?? options.signedInput === false);
  return unsigned ? { lo: 0, hi: 255 } : { lo: -128, hi: 127 };
}

function reportTruncation(
  { options, set }: InputCase,
  { prefix }: InputSequence,
  floored: readonly Tensor[],
  truncated: readonly Tensor[],
): void {
  const differ = floored.map(
    (tensor, i) => tensor.toNumbers().filter((n, k) => n !== truncated[i]?.toNumbers()[k]).length,
  );
  const total = differ.reduce((sum, n) => sum + n, 0);
  if (total === 0) return;
  const elements = floored.reduce((sum, { size }) => sum + size, 0);
  options.report?.({
    code: 'input-truncation',
    severity: 'warning',
    message:
      `${set.label}: C code that casts to int32 before it shifts differs by 1 from the floor of '${prefix}' ` +
      `for ${total} of ${elements} inputs`,
  });
}

/** The tensors of an input in each run, as many as its elements make. */
function splitInput(given: InputCase, { name, tensor }: VectorArray, typed: boolean): Tensor[] {
  const { input, set, options } = given;
  const { shape } = input.type;
  const flexible = shape.map((dim, axis) =>
    typeof dim === 'number' ? dim : axis === 0 ? 1 : sizeAlong(tensor, shape, axis),
  );
  const dims = flexible.filter((dim) => dim !== undefined);
  if (dims.length < shape.length) {
    const message = `${set.label}: the model takes '${input.name}' of shape ${formatShape(shape)}, '${name}' has no shape that tells its sizes`;
    throw fault('vector-size', message, 'give the input as .npy or .npz, or with --shape');
  }
  const size = sizeOf(dims);
  const count = tensor.size / size;
  if (size === 0 || tensor.size === 0 || !Number.isInteger(count)) {
    const message = `${set.label}: '${name}' has ${tensor.size} elements, accepted for '${input.name}': a multiple of ${size} (${formatShape(dims)})`;
    throw fault('vector-size', message, 'these vectors may belong to another model');
  }
  if (tensor.rank === shape.length && tensor.rank > 1 && !sameShape(tensor.dims.slice(1), dims.slice(1))) {
    options.report?.({
      code: 'vector-shape',
      severity: 'warning',
      message: `${set.label}: '${name}' has the shape ${formatShape(tensor.dims)}, the model takes ${formatShape(dims)}; elements are taken in their order`,
    });
  }
  const elements = typed ? convert(tensor, input, given) : convertTo(tensor, 'float32', input, given);
  return Array.from(
    { length: count },
    (_, i) => new Tensor(elements.dtype, dims, elements.data.subarray(i * size, (i + 1) * size)),
  );
}

const sizeAlong = ({ dims }: Tensor, shape: Shape, axis: number): number | undefined =>
  dims.length === shape.length ? dims[axis] : undefined;

const convert = (tensor: Tensor, { name, type }: Value, given: InputCase): Tensor =>
  convertTo(tensor, type.dtype, { name }, given);

function convertTo(
  tensor: Tensor,
  dtype: Tensor['dtype'],
  { name }: { readonly name: string },
  { set }: InputCase,
): Tensor {
  try {
    return convertElements(tensor, dtype);
  } catch (error) {
    if (!(error instanceof ElementFault)) throw error;
    throw fault('vector-element', `${set.label}: element ${error.index} of '${name}' ${error.message}`);
  }
}

function missing({ inputs }: Graph, { label }: VectorSet, { name }: Value): UserError {
  const wanted = inputs.map((input) => `'${input.name}'`).join(', ');
  return fault(
    'no-input',
    `${label} has no input '${name}'; the model takes ${wanted}`,
    'name the array as the model does, or input, inputs, input_q or model_test_input',
  );
}

function fault(code: string, message: string, hint?: string): UserError {
  const diagnostic: Diagnostic = { code, severity: 'error', message, ...(hint !== undefined && { hint }) };
  return new UserError(diagnostic);
}
