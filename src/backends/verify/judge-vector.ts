import { InternalError } from '../../ir/diagnostics.js';
import { formatShape } from '../../ir/shape.js';
import { compareElements, type Comparison } from '../../runtime/comparison/compare-tensors.js';
import { patternsOf, type DifferencePattern } from '../../runtime/comparison/patterns.js';
import type { BoundVector, ExpectedKind, ExpectedTensor } from './bound-vector.js';
import { numbersIn } from './elements.js';
import { resultKey, type Results } from './run-vector.js';
import { vectorFault } from './vector-fault.js';

/** What is said of one tensor of a vector. */
export interface TensorVerdict extends Comparison {
  readonly name: string;
  readonly kind: ExpectedKind;
  readonly dims: readonly number[];
  readonly equal: boolean;
  /** What all its differences have in common. */
  readonly patterns: readonly DifferencePattern[];
}

/**
 * Compares everything expected of a vector with what was computed: a header's input sequence, then tensors in the order in
 * which the model computes them, then outputs. What is expected of a float32 tensor is rounded to float32, since text holds
 * decimals, unless it was stored as integers.
 * @param order position of each tensor in that order, by name
 * @throws UserError `vector-size` when a tensor whose size nobody could tell before has another number of elements
 */
export function judgeVector(
  { label, expected }: BoundVector,
  results: Results,
  order: ReadonlyMap<string, number>,
  tolerance: number,
): readonly TensorVerdict[] {
  const rank = ({ kind, name }: ExpectedTensor): number =>
    kind === 'output' ? Infinity : kind === 'input-sequence' ? -1 : (order.get(name) ?? Infinity);
  return expected
    .toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
    .map((item) => judgeTensor(item, results, tolerance, label));
}

/** Whether a vector is as expected in all that was computed of it, and anything was. */
export function fitsVector({ expected, label }: BoundVector, results: Results, tolerance: number): boolean {
  const told = expected.filter((item) => item.given !== undefined || results.has(resultKey(item)));
  return told.length > 0 && told.every((item) => judgeTensor(item, results, tolerance, label).equal);
}

function judgeTensor(item: ExpectedTensor, results: Results, tolerance: number, label: string): TensorVerdict {
  const { name, kind, elements, integers, given } = item;
  const computed = given === undefined ? results.get(resultKey(item)) : undefined;
  const got = given ?? (computed && numbersIn(computed));
  if (got === undefined) throw new InternalError(`'${name}' was not computed`);
  const dims = computed?.dims ?? [elements.length];
  if (got.length !== elements.length) {
    const message = `${label}: '${name}' has ${elements.length} elements, the model computes ${formatShape(dims)}`;
    throw vectorFault('vector-size', message, 'these vectors may belong to another model');
  }
  const wanted = computed?.dtype === 'float32' && integers !== true ? Float32Array.from(elements) : elements;
  const comparison = compareElements(wanted, got, dims, tolerance);
  const equal = comparison.differing === 0;
  return { name, kind, dims, equal, patterns: equal ? [] : patternsOf(wanted, got, dims), ...comparison };
}
