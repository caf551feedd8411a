import { isInteger } from '../dtype.js';
import { formatShape, isStatic, normaliseAxis, type Dim, type Shape } from '../shape.js';
import { OperatorFault, type InferenceCall, type InputFacts } from './operator.js';

/** Longest list of contents that inference carries along. */
export const MAX_CONTENTS = 64;

/** Most axes a tensor may have, as in NumPy. */
const MAX_RANK = 64;

/** The integers an input holds, from its contents or its constant; undefined when only running tells. */
export function integersOf(facts: InputFacts): readonly Dim[] | undefined {
  if (facts.contents !== undefined) return facts.contents;
  if (facts.constant === undefined || !isInteger(facts.type.dtype)) return undefined;
  return facts.constant.toNumbers();
}

/** The result's contents, unless there are too many to carry along. */
export const boundedContents = (contents: readonly Dim[] | undefined): readonly Dim[] | undefined =>
  contents !== undefined && contents.length <= MAX_CONTENTS ? contents : undefined;

/** @throws OperatorFault when a shape of this many axes is out of bounds. */
export function checkRank(call: InferenceCall, rank: number): number {
  if (rank <= MAX_RANK) return rank;
  throw new OperatorFault(
    'invalid-input',
    `the result of ${call.op} has ${rank} axes, at most ${MAX_RANK} are accepted`,
  );
}

/** A shape of `rank` sizes that only the data decide. */
export const freshShape = (call: InferenceCall, rank: number): Dim[] =>
  Array.from({ length: checkRank(call, rank) }, () => call.freshDim());

/** @throws OperatorFault unless the input's element type is int32 or int64. */
export function checkIndexType(call: InferenceCall, index: number, facts: InputFacts): void {
  const { dtype } = facts.type;
  if (dtype === 'int32' || dtype === 'int64') return;
  throw new OperatorFault('unsupported-type', `input ${index} of ${call.op} is ${dtype}, accepted: int32, int64`);
}

/** An input of index type that is a list of integers (rank 1; a scalar counts as a list of one). */
export interface IntegerList {
  readonly length: Dim;
  readonly values: readonly Dim[] | undefined;
}

/** @throws OperatorFault when the input is no list of integers. */
export function integerList(call: InferenceCall, index: number, facts: InputFacts): IntegerList {
  checkIndexType(call, index, facts);
  const { shape } = facts.type;
  if (shape.length > 1) {
    throw new OperatorFault(
      'shape-mismatch',
      `input ${index} of ${call.op} has shape ${formatShape(shape)}, a list of integers is accepted`,
    );
  }
  return { length: shape[0] ?? 1, values: integersOf(facts) };
}

/** Whether an optional input is there and not the empty tensor that older models give in its stead. */
export const isPresent = (facts: InputFacts | undefined): facts is InputFacts =>
  facts !== undefined && facts.type.shape[0] !== 0;

/** @throws OperatorFault when `axis` is no axis of a tensor of `rank` axes. */
export function checkedAxis(call: InferenceCall, axis: number, rank: number, what = 'axis'): number {
  const normal = normaliseAxis(axis, rank);
  if (normal !== undefined) return normal;
  throw new OperatorFault(
    'invalid-attribute',
    rank === 0
      ? `${what} of ${call.op} is ${axis}, but the tensor is a scalar`
      : `${what} of ${call.op} is ${axis}, accepted: ${-rank} to ${rank - 1}`,
  );
}

/**
 * Axes as 0 … rank - 1 in the given order.
 * @throws OperatorFault when one is out of range or named twice.
 */
export function checkedAxes(call: InferenceCall, axes: readonly Dim[], rank: number): number[] | undefined {
  if (!isStatic(axes)) return undefined;
  const normal = axes.map((axis) => checkedAxis(call, axis, rank));
  if (new Set(normal).size === normal.length) return normal;
  throw new OperatorFault('invalid-attribute', `axes of ${call.op} are ${axes.join(', ')}, each may be named once`);
}

/** @throws OperatorFault when the input has another rank than the operator takes. */
export function checkInputRank(call: InferenceCall, index: number, shape: Shape, rank: number): void {
  if (shape.length === rank) return;
  throw new OperatorFault(
    'shape-mismatch',
    `input ${index} of ${call.op} has shape ${formatShape(shape)}, rank ${rank} is accepted`,
  );
}
