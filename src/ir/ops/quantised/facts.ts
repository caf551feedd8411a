import type { DType } from '../../dtype.js';
import { broadcastShapes, formatShape, sameShape, type Dim, type Shape } from '../../shape.js';
import { OperatorFault, required, type InferenceCall, type InputFacts } from '../operator.js';

/** Element types of activations and weights: 8 bits or fewer, stored in bytes; TI's 9-bit clips need int16. */
export const ACTIVATION_TYPES: readonly DType[] = ['int8', 'uint8', 'int16'];
export const WEIGHT_TYPES: readonly DType[] = ['int8', 'int4', 'int2'];

/** The input at `index`, of one of the given types and, when given, of the given rank. */
export function typedInput(call: InferenceCall, index: number, dtypes: readonly DType[], rank?: number): InputFacts {
  const facts = required(call, index);
  if (!dtypes.includes(facts.type.dtype)) {
    throw new OperatorFault(
      'unsupported-type',
      `input ${index} of ${call.op} is ${facts.type.dtype}, accepted: ${dtypes.join(', ')}`,
    );
  }
  if (rank !== undefined && facts.type.shape.length !== rank) {
    throw new OperatorFault(
      'shape-mismatch',
      `input ${index} of ${call.op} has shape ${formatShape(facts.type.shape)}, rank ${rank} is accepted`,
    );
  }
  return facts;
}

/** @throws OperatorFault unless the input broadcasts into `shape`, that of the data. */
export function checkBroadcastsInto(call: InferenceCall, index: number, facts: InputFacts, shape: Shape): void {
  const own = facts.type.shape;
  const joint = broadcastShapes(shape, own);
  if (joint !== undefined && sameShape(joint, shape)) return;
  throw new OperatorFault(
    'shape-mismatch',
    `input ${index} of ${call.op} has shape ${formatShape(own)}, it must broadcast into ${formatShape(shape)}`,
  );
}

/** @throws OperatorFault unless the input is a list of `length` elements, or of one that serves all. */
export function checkPerChannel(call: InferenceCall, index: number, facts: InputFacts, length: Dim): void {
  const { shape } = facts.type;
  if (shape.length === 1 && (shape[0] === 1 || shape[0] === length)) return;
  throw new OperatorFault(
    'shape-mismatch',
    `input ${index} of ${call.op} has shape ${formatShape(shape)}, accepted: ${formatShape([length])} or 1`,
  );
}

/** Sliding-window attributes of a rank-4 operator: two spatial axes, explicit. */
export interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

const pair = (values: readonly number[]): readonly [number, number] => [values[0] ?? 1, values[1] ?? 1];

/** Reads strides, dilations and pads; `kernel` comes from the weights or an attribute. */
export function windowOf(attrs: InferenceCall['attrs'], kernel: readonly number[]): Window {
  const [top = 0, left = 0, bottom = 0, right = 0] = attrs.ints('pads', [0, 0, 0, 0]);
  return {
    kernel: pair(kernel),
    strides: pair(attrs.ints('strides', [1, 1])),
    dilations: pair(attrs.ints('dilations', [1, 1])),
    pads: [top, left, bottom, right],
  };
}

/** @throws OperatorFault when the window does not fit into the padded map. */
export function slide(call: InferenceCall, [height, width]: readonly [Dim, Dim], window: Window): [Dim, Dim] {
  const { kernel, strides, dilations, pads } = window;
  const along = (size: Dim, axis: 0 | 1): Dim => {
    if (typeof size === 'string') return call.freshDim();
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    const output = Math.floor((size + pads[axis] + pads[axis === 0 ? 2 : 3] - extent) / strides[axis]) + 1;
    if (output < 1) {
      throw new OperatorFault(
        'shape-mismatch',
        `the window of ${call.op} (${extent}) does not fit into ${size} elements`,
      );
    }
    return output;
  };
  return [along(height, 0), along(width, 1)];
}

/** The sizes of a rank-4 activation. */
export function mapOf(shape: Shape): { batch: Dim; channels: Dim; map: readonly [Dim, Dim] } {
  const [batch = 1, channels = 1, height = 1, width = 1] = shape;
  return { batch, channels, map: [height, width] };
}
