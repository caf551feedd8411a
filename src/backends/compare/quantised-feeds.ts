import { integerRange, isInteger } from '../../ir/dtype.js';
import { UserError, type Diagnostic } from '../../ir/diagnostics.js';
import type { Value } from '../../ir/graph.js';
import { formatShape, sizeOf } from '../../ir/shape.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import { convertElements } from '../../passes/calibration/convert.js';
import type { SampleBatch, SampleInput } from '../../passes/calibration/samples.js';
import { applyInputSequence, type InputSequence } from '../../runtime/vectors/input-sequence.js';

/** How the integers of a tensor stand for real numbers: scale · (integer - zeroPoint). */
export interface IntegerFacts {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: number;
  readonly signed: boolean;
}

export interface FeedOptions {
  /** Input sequences of a generated header, in the order of the inputs, for a model that takes integers. */
  readonly sequences?: readonly InputSequence[] | undefined;
  /** What the model says of its inputs, by name. */
  readonly inputs?: ReadonlyMap<string, IntegerFacts> | undefined;
}

/** What samples are to be fitted to: the inputs of the float model, of the batch that the quantised model is fixed to. */
export function comparisonInputs(float: readonly Value[], quantised: readonly Value[]): SampleInput[] {
  return float.map(({ name, type }, i) => {
    const own = quantised.find((input) => input.name === name) ?? quantised[i];
    const [batch] = own?.type.shape ?? [];
    const [dim, ...rest] = type.shape;
    const fixed = typeof batch === 'number' && typeof dim === 'string';
    return { name, type: fixed ? { ...type, shape: [batch, ...rest] } : type };
  });
}

type Feed = (batch: SampleBatch) => Tensor;

/**
 * Makes the inputs of a quantised model from those of the float model: by name, or in order where the names differ. An input
 * of integers, from which the input sequence was cut out, gets what the sequence or the scale makes of the real numbers.
 * @throws UserError for inputs that cannot be made
 */
export function quantisedFeeds(
  float: readonly Value[],
  quantised: readonly Value[],
  options: FeedOptions = {},
): (batch: SampleBatch) => Map<string, Tensor> {
  const problems: Diagnostic[] = [];
  if (float.length !== quantised.length) {
    const [wanted, found] = [quantised.length, float.length];
    throw new UserError(problem(`the second model takes ${wanted} inputs, the first ${found}`));
  }
  const names = new Set(float.map(({ name }) => name));
  const byName = quantised.every(({ name }) => names.has(name));
  const feeds = quantised.flatMap((input, i): (readonly [string, Feed])[] => {
    const source = byName ? float.find(({ name }) => name === input.name) : float[i];
    const feed = source && feedOf(source, input, options.sequences?.[i], options.inputs?.get(input.name));
    if (typeof feed === 'function') return [[input.name, feed]];
    if (feed !== undefined) problems.push(feed);
    return [];
  });
  if (problems.length > 0) throw new UserError(problems);
  return (batch) => new Map(feeds.map(([name, feed]) => [name, feed(batch)]));
}

function feedOf(
  source: Value,
  input: Value,
  sequence: InputSequence | undefined,
  facts: IntegerFacts | undefined,
): Feed | Diagnostic {
  const { dtype, shape } = input.type;
  const given = (batch: SampleBatch): Tensor => {
    const tensor = batch.get(source.name);
    if (tensor === undefined) throw new RangeError(`there is no input '${source.name}'`);
    return tensor;
  };
  const fitted: Feed = (batch) => reshaped(given(batch), input);
  if (!isInteger(dtype) || dtype === source.type.dtype) {
    return dtype === source.type.dtype ? fitted : (batch) => convertElements(fitted(batch), dtype);
  }
  const range = facts === undefined || facts.bits > 16 ? integerRange(dtype) : rangeOf(facts);
  if (sequence !== undefined) {
    return (batch) => convertElements(applyInputSequence(fitted(batch), sequence, range), dtype);
  }
  if (facts !== undefined && facts.bits <= 16) {
    return (batch) => convertElements(quantise(fitted(batch), facts, range), dtype);
  }
  return problem(
    `the second model takes ${dtype}[${formatShape(shape)}] at its input '${input.name}', and nothing says how they are made of real numbers`,
    'give the header with its input sequence: --header <file.h>',
  );
}

const rangeOf = ({ bits, signed }: IntegerFacts): { lo: number; hi: number } =>
  signed ? { lo: -(2 ** (bits - 1)), hi: 2 ** (bits - 1) - 1 } : { lo: 0, hi: 2 ** bits - 1 };

/** floor(x / scale + 1/2) + zero point, as the input sequence rounds (spec 1.4). */
function quantise(
  x: Tensor,
  { scale, zeroPoint }: IntegerFacts,
  { lo, hi }: { readonly lo: number; readonly hi: number },
): Tensor<'int32'> {
  const data = numberData(x) ?? x.toNumbers();
  const integers = Int32Array.from(data, (value) =>
    Math.max(lo, Math.min(hi, Math.floor(value / scale + 0.5) + zeroPoint)),
  );
  return new Tensor('int32', x.dims, integers);
}

/** The same elements with the axes that the quantised model has; sizes of its own that do not multiply out are left to it. */
function reshaped(tensor: Tensor, { type: { shape } }: Value): Tensor {
  if (shape.length === tensor.rank) return tensor;
  const fixed = shape.map((dim, axis) => (typeof dim === 'number' ? dim : axis === 0 ? (tensor.dims[0] ?? 1) : 1));
  return sizeOf(fixed) === tensor.size ? tensor.reshape(fixed) : tensor;
}

const problem = (message: string, hint?: string): Diagnostic => ({
  code: 'model-inputs',
  severity: 'error',
  message,
  ...(hint !== undefined && { hint }),
});
