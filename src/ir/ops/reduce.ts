import type { DType } from '../dtype.js';
import { formatShape, type Dim, type Shape } from '../shape.js';
import { FLAG } from './attribute-specs.js';
import { FLOAT_TYPES, NUMERIC_TYPES } from './element-types.js';
import { checkedAxes, freshShape, integersOf } from './facts.js';
import { checkDType } from './elementwise-inference.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';

/** The shape left when `axes` are reduced: size 1 each with keepdims, else gone. */
export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): Dim[] {
  const kept = shape.map((dim, axis): Dim | undefined => (axes.includes(axis) ? (keepdims ? 1 : undefined) : dim));
  return kept.filter((dim) => dim !== undefined);
}

/**
 * The axes that a reduction goes over, as 0 … rank - 1: those of input 1; when it is left out or empty, all axes, or
 * none with noop_with_empty_axes. Undefined when only running tells.
 * @throws OperatorFault when the axes are no list of axes of input 0.
 */
export function reductionAxes(call: InferenceCall): readonly number[] | undefined {
  const rank = required(call, 0).type.shape.length;
  const axes = call.inputs[1];
  if (axes !== undefined) {
    checkDType(call, 1, axes, 'int64');
    const { shape } = axes.type;
    if (shape.length !== 1) {
      throw new OperatorFault(
        'shape-mismatch',
        `the axes of ${call.op} have shape ${formatShape(shape)}, a list is accepted`,
      );
    }
    const known = shape[0] === 0 ? [] : integersOf(axes);
    if (known === undefined) return undefined;
    if (known.length > 0) return checkedAxes(call, known, rank);
  }
  return call.attrs.int('noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

function shapeOfReduction(call: InferenceCall): Dim[] {
  const { shape } = required(call, 0).type;
  const keepdims = call.attrs.int('keepdims', 1) === 1;
  const axes = reductionAxes(call);
  if (axes !== undefined) return reducedShape(shape, axes, keepdims);
  if (keepdims) return shape.map((dim) => (dim === 1 ? 1 : call.freshDim()));
  const count = call.inputs[1]?.type.shape[0];
  if (typeof count === 'number' && count <= shape.length) return freshShape(call, shape.length - count);
  throw new OperatorFault(
    'dynamic-shape',
    `the axes of ${call.op} are not known before the model runs and keepdims is 0, so the rank of the result is unknown`,
    'make the axes a constant',
  );
}

/** A reduction over the axes of input 1, over all axes when it is left out or empty (but see noop_with_empty_axes). */
function reduction(name: string, since: number, types: readonly DType[]): Operator {
  return operator({
    name,
    since,
    inputs: [1, 2],
    types,
    attributes: { keepdims: FLAG, noop_with_empty_axes: FLAG },
    infer(call) {
      return [{ type: { dtype: required(call, 0).type.dtype, shape: shapeOfReduction(call) } }];
    },
  });
}

const SUM_TYPES: readonly DType[] = [...FLOAT_TYPES, 'int32', 'int64', 'uint32', 'uint64'];
const EXTREME_TYPES: readonly DType[] = [...NUMERIC_TYPES, 'bool'];

/** Reductions over any set of axes. */
export const REDUCE_OPERATORS: readonly Operator[] = [
  reduction('ReduceSum', 13, SUM_TYPES),
  reduction('ReduceMean', 18, SUM_TYPES),
  reduction('ReduceProd', 18, SUM_TYPES),
  reduction('ReduceMax', 18, EXTREME_TYPES),
  reduction('ReduceMin', 18, EXTREME_TYPES),
  reduction('ReduceL1', 18, SUM_TYPES),
  reduction('ReduceL2', 18, SUM_TYPES),
  reduction('ReduceSumSquare', 18, SUM_TYPES),
  reduction('ReduceLogSum', 18, SUM_TYPES),
  reduction('ReduceLogSumExp', 18, SUM_TYPES),
];
