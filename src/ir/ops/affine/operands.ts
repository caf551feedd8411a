import { bitsOf, type DType } from '../../dtype.js';
import { formatShape, type Dim, type Shape } from '../../shape.js';
import { checkDType } from '../elementwise-inference.js';
import { OperatorFault, required, type AttributeSpec, type InferenceCall, type InputFacts } from '../operator.js';

/** Element types of affine tensors: real = scale · (integer − zero point). */
export const AFFINE_TYPES: readonly DType[] = ['int8', 'uint8', 'int16', 'uint16', 'int4', 'uint4', 'int2', 'uint2'];

/** Accumulators: exact integers, in float64 where 32 bits might not hold them. */
export const ACCUMULATOR_TYPES: readonly DType[] = ['int32', 'float64'];

/** Bounds of a requantised result besides those of its type: what a Relu or Clip behind it leaves. */
export const BOUNDS: Readonly<Record<string, AttributeSpec>> = { lo: { kind: 'int' }, hi: { kind: 'int' } };

/** @throws OperatorFault unless the input has one of the given types */
export function typed(call: InferenceCall, index: number, accepted: readonly DType[]): InputFacts {
  const facts = required(call, index);
  if (accepted.includes(facts.type.dtype)) return facts;
  throw new OperatorFault(
    'unsupported-type',
    `input ${index} of ${call.op} is ${facts.type.dtype}, accepted: ${accepted.join(', ')}`,
  );
}

/** An affine tensor. */
export const operand = (call: InferenceCall, index: number): InputFacts => typed(call, index, AFFINE_TYPES);

const differ = (a: Dim | undefined, b: Dim): boolean =>
  a === undefined || (typeof a === 'number' && typeof b === 'number' && a !== b);

/** @throws OperatorFault unless `shape` is a scalar or, where there are channels, a list with one entry for each. */
export function checkOneOrEach(call: InferenceCall, index: number, shape: Shape, channels?: Dim): void {
  if (shape.length === 0) return;
  if (channels !== undefined && shape.length === 1 && !differ(shape[0], channels)) return;
  throw new OperatorFault(
    'shape-mismatch',
    `input ${index} of ${call.op} has shape ${formatShape(shape)}, accepted: ` +
      `${channels === undefined ? '' : `${formatShape([channels])} or `}a scalar`,
  );
}

/** The zero point of the operand at `of`: a scalar of its type or, where there are channels, one for each. */
export function checkZeroPoint(call: InferenceCall, index: number, of: number, channels?: Dim): void {
  const zero = required(call, index);
  checkDType(call, index, zero, required(call, of).type.dtype);
  checkOneOrEach(call, index, zero.type.shape, channels);
}

/** The element type of a requantised result: that of its zero point, a scalar. */
export function resultType(call: InferenceCall, index: number): DType {
  const zero = operand(call, index);
  checkOneOrEach(call, index, zero.type.shape);
  return zero.type.dtype;
}

/** @throws OperatorFault unless the multiplier is a float64 scalar. */
export function checkMultiplier(call: InferenceCall, index: number): void {
  checkOneOrEach(call, index, typed(call, index, ['float64']).type.shape);
}

/**
 * The type that holds every sum of `depth` products of operands less their zero points, and a bias: int32 where widths,
 * depth and the bias' elements show that it does, else float64, which is exact up to 2^53.
 */
export function accumulatorType(x: InputFacts, w: InputFacts, depth: Dim, bias: InputFacts | undefined): DType {
  const largest = 2 ** (bitsOf(x.type.dtype) + bitsOf(w.type.dtype));
  const sums = typeof depth === 'number' ? depth * largest : Infinity;
  return sums + largestOf(bias) < 2 ** 31 ? 'int32' : 'float64';
}

function largestOf(bias: InputFacts | undefined): number {
  if (bias === undefined) return 0;
  return bias.constant === undefined
    ? 2 ** 31
    : bias.constant.toNumbers().reduce((max, item) => Math.max(max, Math.abs(item)), 0);
}
