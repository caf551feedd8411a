import type { DType } from '../dtype.js';
import type { ValueType } from '../graph.js';
import { broadcastShapes, formatShape, type Dim } from '../shape.js';
import { OperatorFault, required, type InferenceCall, type InputFacts } from './operator.js';

/** `float32[2x3]`, as messages write a type. */
export const formatType = (type: ValueType): string => `${type.dtype}[${formatShape(type.shape)}]`;

/** All inputs of a call none of which may be left out. */
export const allInputs = (call: InferenceCall): InputFacts[] => call.inputs.map((_, index) => required(call, index));

/**
 * The one element type of several inputs.
 * @throws OperatorFault when they differ.
 */
export function commonDType(call: InferenceCall, inputs: readonly InputFacts[]): DType {
  const [first = required(call, 0), ...others] = inputs;
  const { dtype } = first.type;
  const other = others.find(({ type }) => type.dtype !== dtype);
  if (other === undefined) return dtype;
  throw new OperatorFault(
    'unsupported-type',
    `${call.op} mixes ${dtype} and ${other.type.dtype}, its inputs must have one element type`,
    'insert a Cast before one of the inputs',
  );
}

/**
 * The shape that several inputs broadcast to (Multidirectional Broadcasting of the ONNX operator specification).
 * @throws OperatorFault when two sizes disagree and neither is 1.
 */
export function commonShape(call: InferenceCall, inputs: readonly InputFacts[]): Dim[] {
  const shape = broadcastShapes(...inputs.map(({ type }) => type.shape));
  if (shape !== undefined) return shape;
  throw new OperatorFault(
    'shape-mismatch',
    `${call.op} of ${inputs.map(({ type }) => formatType(type)).join(' and ')} does not broadcast`,
    'sizes counted from the last axis must be equal or 1',
  );
}

/** @throws OperatorFault unless the input has the element type that another input of the call has. */
export function checkDType(call: InferenceCall, index: number, facts: InputFacts, dtype: DType): void {
  if (facts.type.dtype === dtype) return;
  throw new OperatorFault(
    'unsupported-type',
    `input ${index} of ${call.op} is ${facts.type.dtype}, ${dtype} is accepted here`,
  );
}

/** @throws OperatorFault unless the input can hold a single element. */
export function checkSingleElement(call: InferenceCall, index: number, facts: InputFacts): void {
  const { shape } = facts.type;
  if (shape.length === 0 || (shape.length === 1 && (shape[0] === 1 || typeof shape[0] === 'string'))) return;
  throw new OperatorFault(
    'shape-mismatch',
    `input ${index} of ${call.op} has shape ${formatShape(shape)}, a scalar is accepted`,
  );
}
