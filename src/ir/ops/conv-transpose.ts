import { formatShape, type Dim, type Shape } from '../shape.js';
import { checkChannelList, groupOf, kernelOf } from './conv.js';
import { FLOAT_TYPES } from './element-types.js';
import { checkDType } from './elementwise-inference.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import {
  axisAttribute,
  extentOf,
  WINDOW_ATTRIBUTES,
  windowAttributes,
  type AxisWindow,
  type NodeFacts,
  type WindowAttributes,
} from './window.js';

/** What data and weights of a transposed convolution agree on. */
export interface ConvTransposeFacts {
  readonly group: number;
  readonly kernel: Shape;
  /** Undefined when the groups' symbolic size does not name it. */
  readonly filters: Dim | undefined;
  readonly window: WindowAttributes;
  readonly outputPadding: readonly number[];
  readonly outputShape: readonly number[] | undefined;
}

/**
 * Checks data [N, C, ...] against weights [C, M / group, ...kernel] and the attributes.
 * @throws OperatorFault when they do not fit.
 */
export function convTransposeFacts(node: NodeFacts, x: Shape, w: Shape): ConvTransposeFacts {
  const kernel = kernelOf(node, x, w);
  const rank = kernel.length;
  const group = groupOf(node);
  const [, channels = 1] = x;
  const [taken = 1, perGroup = 1] = w;
  if (typeof channels === 'number' && typeof taken === 'number' && channels !== taken) {
    throw new OperatorFault(
      'shape-mismatch',
      `${node.op} has ${channels} channels of data, but its weights ${formatShape(w)} take ${taken}`,
    );
  }
  const known = typeof taken === 'number' ? taken : channels;
  if (typeof known === 'number' && known % group !== 0) {
    throw new OperatorFault('shape-mismatch', `the ${known} channels of ${node.op} do not divide into ${group} groups`);
  }
  const window = windowAttributes(node, rank);
  const outputPadding = axisAttribute(node, 'output_padding', rank, 0) ?? new Array<number>(rank).fill(0);
  for (const [axis, padding] of outputPadding.entries()) {
    const limit = Math.max(window.strides[axis] ?? 1, window.dilations[axis] ?? 1);
    if (padding >= limit) {
      throw new OperatorFault(
        'invalid-attribute',
        `attribute output_padding of ${node.op} is ${padding} on spatial axis ${axis}, ` +
          `less than stride or dilation, here ${limit}, is accepted`,
      );
    }
  }
  const filters = typeof perGroup === 'number' ? perGroup * group : group === 1 ? perGroup : undefined;
  return { group, kernel, filters, window, outputPadding, outputShape: axisAttribute(node, 'output_shape', rank, 1) };
}

/**
 * The window along one spatial axis; `padBegin` and `padEnd` are cut off the result, and a negative `padEnd` adds to
 * it. With `output_shape` or SAME the surplus is halved, the odd element being cut at the end for SAME_UPPER and at the
 * beginning otherwise, as the ONNX text has it.
 * @throws OperatorFault when nothing is left, or when more is asked for than the window reaches.
 */
export function transposeAxis(
  node: NodeFacts,
  facts: ConvTransposeFacts,
  axis: number,
  input: number,
  kernel: number,
): AxisWindow {
  const { window, outputPadding, outputShape } = facts;
  const stride = window.strides[axis] ?? 1;
  const dilation = window.dilations[axis] ?? 1;
  const reach = stride * (input - 1) + extentOf(kernel, dilation);
  const full = reach + (outputPadding[axis] ?? 0);
  let padBegin = window.padsBegin[axis] ?? 0;
  let output = full - padBegin - (window.padsEnd[axis] ?? 0);
  const wanted = outputShape?.[axis] ?? (window.autoPad.startsWith('SAME') ? input * stride : undefined);
  if (wanted !== undefined) {
    if (wanted > Math.max(full, outputShape === undefined ? 0 : reach + stride - 1)) {
      throw new OperatorFault(
        'unsupported-attribute',
        `${node.op} is to give ${wanted} elements along spatial axis ${axis}, but its window reaches only ${full}`,
        'give pads and output_padding instead of auto_pad and output_shape',
      );
    }
    const surplus = Math.max(full - wanted, 0);
    padBegin = window.autoPad === 'SAME_UPPER' ? Math.floor(surplus / 2) : Math.ceil(surplus / 2);
    output = wanted;
  }
  if (output < 1) {
    throw new OperatorFault(
      'shape-mismatch',
      `the pads of ${node.op} leave ${output} of ${full} elements along spatial axis ${axis}`,
    );
  }
  return { input, kernel, stride, dilation, padBegin, padEnd: reach - padBegin - output, output };
}

/** The windows along all spatial axes of known sizes. */
export function transposeAxes(
  node: NodeFacts,
  facts: ConvTransposeFacts,
  inputs: readonly number[],
  kernel: readonly number[],
): AxisWindow[] {
  return inputs.map((input, axis) => transposeAxis(node, facts, axis, input, kernel[axis] ?? 1));
}

/** Sizes of the result of data [N, C, ...] and weights [C, M / group, ...kernel]. */
export function transposedShape(call: InferenceCall, x: Shape, w: Shape): Dim[] {
  const facts = convTransposeFacts(call, x, w);
  const filters = facts.filters ?? call.freshDim();
  const spatial = x.slice(2).map((size, axis): Dim => {
    const taps = facts.kernel[axis] ?? 1;
    if (typeof size === 'number' && typeof taps === 'number') {
      return transposeAxis(call, facts, axis, size, taps).output;
    }
    if (facts.outputShape !== undefined) return facts.outputShape[axis] ?? 1;
    return call.freshDim();
  });
  return [x[0] ?? 1, filters, ...spatial];
}

/**
 * Transposed convolution of [N, C, 1 to 3 spatial axes] with weights [C, M / group, ...] and a bias [M]
 * (ONNX ConvTranspose).
 */
export const convTranspose: Operator = operator({
  name: 'ConvTranspose',
  since: 1,
  inputs: [2, 3],
  attributes: {
    ...WINDOW_ATTRIBUTES,
    group: { kind: 'int' },
    output_padding: { kind: 'ints' },
    output_shape: { kind: 'ints' },
  },
  types: FLOAT_TYPES,
  infer(call) {
    const { dtype, shape: x } = required(call, 0).type;
    const w = required(call, 1);
    checkDType(call, 1, w, dtype);
    const shape = transposedShape(call, x, w.type.shape);
    const bias = call.inputs[2];
    if (bias !== undefined) {
      checkDType(call, 2, bias, dtype);
      checkChannelList(call, 'bias', bias.type.shape, shape[1] ?? 1);
    }
    return [{ type: { dtype, shape } }];
  },
});
