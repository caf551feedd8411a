import { formatShape, type Dim, type Shape } from '../shape.js';
import { FLOAT_TYPES } from './element-types.js';
import { checkDType } from './elementwise-inference.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import {
  axisAttribute,
  checkSpatialRank,
  slideShape,
  WINDOW_ATTRIBUTES,
  windowAttributes,
  type NodeFacts,
  type WindowAttributes,
} from './window.js';

/** What data and weights of a convolution agree on. */
export interface ConvFacts {
  readonly group: number;
  readonly kernel: Shape;
  readonly window: WindowAttributes;
}

const differ = (a: Dim, b: Dim): boolean => typeof a === 'number' && typeof b === 'number' && a !== b;

/** @throws OperatorFault unless `group` is at least 1. */
export function groupOf(node: NodeFacts): number {
  const group = node.attrs.int('group', 1);
  if (Number.isInteger(group) && group >= 1) return group;
  throw new OperatorFault('invalid-attribute', `attribute group of ${node.op} is ${group}, accepted: 1 and above`);
}

/**
 * The kernel sizes of weights [a, b, ...kernel], where attribute `kernel_shape` may name those that are symbolic.
 * @throws OperatorFault when the ranks differ, a size is 0, or weights and attribute disagree.
 */
export function kernelOf(node: NodeFacts, x: Shape, w: Shape): Dim[] {
  const rank = checkSpatialRank(node, x);
  if (w.length !== x.length) {
    throw new OperatorFault(
      'shape-mismatch',
      `the weights of ${node.op} have rank ${w.length} and the data rank ${x.length}, equal ranks are accepted`,
    );
  }
  const declared = axisAttribute(node, 'kernel_shape', rank, 1);
  return w.slice(2).map((size, axis) => {
    const named = declared?.[axis];
    if (named !== undefined && differ(named, size)) {
      throw new OperatorFault(
        'shape-mismatch',
        `attribute kernel_shape of ${node.op} is ${declared?.join(', ') ?? ''}, but the weights are ${formatShape(w)}`,
      );
    }
    if (size === 0) {
      throw new OperatorFault('shape-mismatch', `the weights of ${node.op} are ${formatShape(w)}: the kernel is empty`);
    }
    return typeof size === 'string' ? (named ?? size) : size;
  });
}

/**
 * Checks data [N, C, ...] against weights [M, C / group, ...kernel] and the attributes.
 * @throws OperatorFault when they do not fit.
 */
export function convFacts(node: NodeFacts, x: Shape, w: Shape): ConvFacts {
  const kernel = kernelOf(node, x, w);
  const group = groupOf(node);
  const [, channels = 1] = x;
  const [filters = 1, perGroup = 1] = w;
  if (typeof perGroup === 'number' && differ(channels, perGroup * group)) {
    throw new OperatorFault(
      'shape-mismatch',
      `${node.op} has ${channels} channels of data, but its weights ${formatShape(w)} take ` +
        (group === 1 ? `${perGroup}` : `${perGroup} for each of ${group} groups`),
    );
  }
  if (typeof filters === 'number' && filters % group !== 0) {
    throw new OperatorFault(
      'shape-mismatch',
      `the ${filters} filters of ${node.op} do not divide into ${group} groups`,
    );
  }
  return { group, kernel, window: windowAttributes(node, x.length - 2) };
}

/** @throws OperatorFault unless `shape` is a list with one entry a channel. */
export function checkChannelList(node: NodeFacts, what: string, shape: Shape, channels: Dim): void {
  if (shape.length === 1 && !differ(shape[0] ?? 1, channels)) return;
  throw new OperatorFault(
    'shape-mismatch',
    `the ${what} of ${node.op} has shape ${formatShape(shape)}, accepted: ${formatShape([channels])}`,
  );
}

function convShape(call: InferenceCall): Dim[] {
  const x = required(call, 0).type.shape;
  const w = required(call, 1).type.shape;
  const { kernel, window } = convFacts(call, x, w);
  const [batch = 1] = x;
  const [filters = 1] = w;
  return [batch, filters, ...slideShape(call, window, x.slice(2), kernel, call.freshDim)];
}

/** Convolution of [N, C, 1 to 3 spatial axes] with weights [M, C / group, ...] and a bias [M] (ONNX Conv). */
export const conv: Operator = operator({
  name: 'Conv',
  since: 1,
  inputs: [2, 3],
  attributes: { ...WINDOW_ATTRIBUTES, group: { kind: 'int' } },
  types: FLOAT_TYPES,
  infer(call) {
    const { dtype } = required(call, 0).type;
    checkDType(call, 1, required(call, 1), dtype);
    const shape = convShape(call);
    const bias = call.inputs[2];
    if (bias !== undefined) {
      checkDType(call, 2, bias, dtype);
      checkChannelList(call, 'bias', bias.type.shape, shape[1] ?? 1);
    }
    return [{ type: { dtype, shape } }];
  },
});

const BYTES = ['int8', 'uint8'] as const;

/** @throws OperatorFault unless the zero point at `index` has the type of the input it belongs to. */
export function checkZeroPointType(call: InferenceCall, index: number, input: number): void {
  const zeroPoint = call.inputs[index];
  if (zeroPoint !== undefined) checkDType(call, index, zeroPoint, required(call, input).type.dtype);
}

/**
 * Convolution of bytes less their zero points, accumulated in int32 (ONNX ConvInteger). The data's zero point is a
 * scalar, that of the weights a scalar or one a filter; padding stands for the zero point.
 */
export const convInteger: Operator = operator({
  name: 'ConvInteger',
  since: 10,
  inputs: [2, 4],
  attributes: { ...WINDOW_ATTRIBUTES, group: { kind: 'int' } },
  types: BYTES,
  infer(call) {
    const w = required(call, 1);
    if (!BYTES.some((dtype) => dtype === w.type.dtype)) {
      throw new OperatorFault(
        'unsupported-type',
        `input 1 of ${call.op} is ${w.type.dtype}, accepted: ${BYTES.join(', ')}`,
      );
    }
    checkZeroPointType(call, 2, 0);
    checkZeroPointType(call, 3, 1);
    const shape = convShape(call);
    checkZeroPoints(call, call.inputs[2]?.type.shape, call.inputs[3]?.type.shape, shape[1] ?? 1);
    return [{ type: { dtype: 'int32', shape } }];
  },
});

/** @throws OperatorFault unless the data's zero point is a scalar and the weights' one a scalar or one a filter. */
export function checkZeroPoints(node: NodeFacts, x: Shape | undefined, w: Shape | undefined, filters: Dim): void {
  const single = (shape: Shape): boolean => shape.length === 0 || (shape.length === 1 && !differ(shape[0] ?? 1, 1));
  if (x !== undefined && !single(x)) {
    throw new OperatorFault(
      'shape-mismatch',
      `the zero point of ${node.op}'s data has shape ${formatShape(x)}, a scalar is accepted`,
    );
  }
  if (w !== undefined && !single(w)) checkChannelList(node, 'zero point of the weights', w, filters);
}
