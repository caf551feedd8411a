import type { Attributes } from '../attributes.js';
import type { Dim, Shape } from '../shape.js';
import { OperatorFault, type AttributeSpec } from './operator.js';

/** What the faults of a node need to name it. */
export interface NodeFacts {
  readonly op: string;
  readonly attrs: Attributes;
}

/** Attributes that every operator with a sliding window has. */
export const WINDOW_ATTRIBUTES: Readonly<Record<string, AttributeSpec>> = {
  auto_pad: { kind: 'string', oneOf: ['NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'] },
  dilations: { kind: 'ints' },
  kernel_shape: { kind: 'ints' },
  pads: { kind: 'ints' },
  strides: { kind: 'ints' },
};

/** The window attributes of a node, defaults filled in, one entry a spatial axis. */
export interface WindowAttributes {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** What NOTSET pads with; zero under every other `autoPad`. */
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  readonly autoPad: string;
  readonly ceilMode: boolean;
}

/** How the window moves along one spatial axis, all in elements. */
export interface AxisWindow {
  readonly input: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
  readonly padEnd: number;
  readonly output: number;
}

const LIMIT = 2 ** 31 - 1;

/** Elements from the first to the last tap of a dilated kernel. */
export const extentOf = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/**
 * An attribute with one entry a spatial axis; `undefined` when it is absent or empty.
 * @throws OperatorFault when the number of entries or one of them is not accepted.
 */
export function axisAttribute(
  node: NodeFacts,
  name: string,
  count: number,
  least: number,
): readonly number[] | undefined {
  const values = node.attrs.ints(name, []);
  if (values.length === 0) return undefined;
  if (values.length !== count) {
    throw new OperatorFault(
      'invalid-attribute',
      `attribute ${name} of ${node.op} has ${values.length} entries, ${count} are accepted`,
    );
  }
  const wrong = values.find((value) => !Number.isInteger(value) || value < least || value > LIMIT);
  if (wrong !== undefined) {
    throw new OperatorFault(
      'invalid-attribute',
      `attribute ${name} of ${node.op} holds ${wrong}, accepted: ${least} to ${LIMIT}`,
    );
  }
  return values;
}

/** @throws OperatorFault when an attribute does not fit `rank` spatial axes. */
export function windowAttributes(node: NodeFacts, rank: number): WindowAttributes {
  const ones = new Array<number>(rank).fill(1);
  const autoPad = node.attrs.string('auto_pad', 'NOTSET');
  const pads = axisAttribute(node, 'pads', 2 * rank, 0) ?? new Array<number>(2 * rank).fill(0);
  if (autoPad !== 'NOTSET' && pads.some((pad) => pad !== 0)) {
    throw new OperatorFault(
      'invalid-attribute',
      `${node.op} has pads ${pads.join(', ')} and auto_pad ${autoPad}, one of the two is accepted`,
      'remove auto_pad, which the ONNX standard deprecates',
    );
  }
  return {
    strides: axisAttribute(node, 'strides', rank, 1) ?? ones,
    dilations: axisAttribute(node, 'dilations', rank, 1) ?? ones,
    padsBegin: pads.slice(0, rank),
    padsEnd: pads.slice(rank),
    autoPad,
    ceilMode: node.attrs.int('ceil_mode', 0) !== 0,
  };
}

/** @throws OperatorFault unless the tensor has a batch axis, a channel axis and one to three spatial axes. */
export function checkSpatialRank(node: NodeFacts, shape: Shape): number {
  const rank = shape.length - 2;
  if (rank >= 1 && rank <= 3) return rank;
  throw new OperatorFault('shape-mismatch', `input 0 of ${node.op} has rank ${shape.length}, accepted: 3 to 5`);
}

/**
 * The window along spatial axis `axis`, as Conv and the pools of the ONNX operator specification define it: with
 * `ceil_mode` a last window that would start behind the data and the padding before it is left out.
 * @throws OperatorFault when not a single window fits.
 */
export function slideAxis(
  node: NodeFacts,
  attributes: WindowAttributes,
  axis: number,
  input: number,
  kernel: number,
): AxisWindow {
  const stride = attributes.strides[axis] ?? 1;
  const dilation = attributes.dilations[axis] ?? 1;
  const extent = extentOf(kernel, dilation);
  let padBegin = attributes.padsBegin[axis] ?? 0;
  let padEnd = attributes.padsEnd[axis] ?? 0;
  let output: number;
  if (attributes.autoPad.startsWith('SAME')) {
    output = Math.ceil(input / stride);
    const total = Math.max((output - 1) * stride + extent - input, 0);
    padBegin = attributes.autoPad === 'SAME_LOWER' ? Math.ceil(total / 2) : Math.floor(total / 2);
    padEnd = total - padBegin;
  } else {
    const steps = (input + padBegin + padEnd - extent) / stride;
    output = (attributes.ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
    if (attributes.ceilMode && (output - 1) * stride >= input + padBegin) output--;
  }
  if (output < 1) {
    const padding = padBegin + padEnd === 0 ? '' : ` padded by ${padBegin} and ${padEnd}`;
    const dilated = dilation === 1 ? '' : ` with dilation ${dilation}`;
    throw new OperatorFault(
      'shape-mismatch',
      `the window of ${node.op}, ${kernel} long${dilated}, does not fit into spatial axis ${axis}, ${input} long${padding}`,
    );
  }
  return { input, kernel, stride, dilation, padBegin, padEnd, output };
}

/** The windows along all spatial axes of known sizes. */
export function slideAxes(
  node: NodeFacts,
  attributes: WindowAttributes,
  inputs: readonly number[],
  kernel: readonly number[],
): AxisWindow[] {
  return inputs.map((input, axis) => slideAxis(node, attributes, axis, input, kernel[axis] ?? 1));
}

/** Whether the window gives as many outputs as there are inputs, whatever their number. */
function preservesSize(attributes: WindowAttributes, axis: number, kernel: Dim): boolean {
  if (attributes.strides[axis] !== 1) return false;
  if (attributes.autoPad.startsWith('SAME')) return true;
  const pads = (attributes.padsBegin[axis] ?? 0) + (attributes.padsEnd[axis] ?? 0);
  return typeof kernel === 'number' && pads === extentOf(kernel, attributes.dilations[axis] ?? 1) - 1;
}

/** Sizes that the window gives: a symbolic one stays when it cannot change and becomes a new symbol otherwise. */
export function slideShape(
  node: NodeFacts,
  attributes: WindowAttributes,
  inputs: Shape,
  kernel: Shape,
  freshDim: () => string,
): Dim[] {
  return inputs.map((input, axis) => {
    const taps = kernel[axis] ?? 1;
    if (typeof input === 'number' && typeof taps === 'number') {
      return slideAxis(node, attributes, axis, input, taps).output;
    }
    return preservesSize(attributes, axis, taps) ? input : freshDim();
  });
}
