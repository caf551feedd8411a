import { formatShape, type Dim } from '../shape.js';
import { checkedAxes, integerList, isPresent } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import { sumDims } from './symbolic.js';

/** Elements added before (negative: taken away) and after each axis of the data. */
export interface AxisPads {
  readonly before: Dim;
  readonly after: Dim;
}

/**
 * The pads of every axis, 0 where none are named; undefined entries are known only once the graph runs.
 * @throws OperatorFault when their number does not fit.
 */
export function axisPads(call: InferenceCall): (AxisPads | undefined)[] {
  const { shape } = required(call, 0).type;
  const pads = integerList(call, 1, required(call, 1));
  const list = isPresent(call.inputs[3]) ? integerList(call, 3, call.inputs[3]) : undefined;
  const count = list === undefined ? shape.length : list.length;
  if (typeof pads.length === 'number' && typeof count === 'number' && pads.length !== 2 * count) {
    throw new OperatorFault(
      'shape-mismatch',
      `Pad of ${formatShape(shape)} has ${pads.length} pads for ${count} axes, two for each are accepted`,
    );
  }
  const axes =
    list === undefined ? shape.map((_, axis) => axis) : list.values && checkedAxes(call, list.values, shape.length);
  if (axes === undefined) return shape.map(() => undefined);
  const result = shape.map((): AxisPads | undefined => ({ before: 0, after: 0 }));
  for (const [i, axis] of axes.entries()) {
    const before = pads.values?.[i];
    const after = pads.values?.[i + axes.length];
    result[axis] = before === undefined || after === undefined ? undefined : { before, after };
  }
  return result;
}

function paddedDim(call: InferenceCall, size: Dim, pads: AxisPads | undefined): Dim {
  if (pads === undefined) return call.freshDim();
  const { before, after } = pads;
  if (typeof size === 'string' || typeof before === 'string' || typeof after === 'string') {
    return sumDims([before, after]) === 0 ? size : (sumDims([size, before, after]) ?? call.freshDim());
  }
  const kept = size + Math.min(before, 0) + Math.min(after, 0);
  if (kept < 0)
    throw new OperatorFault('invalid-input', `Pad takes ${before} and ${after} from an axis of size ${size}`);
  const mode = call.attrs.string('mode', 'constant');
  if (kept === 0 && mode !== 'constant' && Math.max(before, after) > 0) {
    throw new OperatorFault(
      'shape-mismatch',
      `Pad in ${mode} mode has no element left to repeat along an axis of size ${size}`,
    );
  }
  return size + before + after;
}

/**
 * Pad: elements added around, or with negative pads taken away from, the data. Modes other than constant repeat what
 * the negative pads leave: reflect mirrors about the border element, edge repeats it, wrap starts over.
 * The axes input asks for opset 18, wrap for opset 19.
 */
export const pad: Operator = operator({
  name: 'Pad',
  since: 11,
  inputs: [2, 4],
  optionalInputs: [2],
  attributes: { mode: { kind: 'string', oneOf: ['constant', 'reflect', 'edge', 'wrap'] } },
  infer(call) {
    const { type } = required(call, 0);
    const value = call.inputs[2];
    if (value !== undefined && value.type.dtype !== type.dtype) {
      throw new OperatorFault(
        'unsupported-type',
        `the constant value of Pad is ${value.type.dtype}, the data are ${type.dtype}; they must agree`,
      );
    }
    if (value !== undefined && (value.type.shape.length > 1 || value.type.shape.some((dim) => dim !== 1))) {
      throw new OperatorFault(
        'shape-mismatch',
        `the constant value of Pad has shape ${formatShape(value.type.shape)}, a scalar is accepted`,
      );
    }
    const pads = axisPads(call);
    return [{ type: { ...type, shape: type.shape.map((dim, axis) => paddedDim(call, dim, pads[axis])) } }];
  },
});
