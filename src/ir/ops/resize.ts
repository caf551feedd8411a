import type { Attributes } from '../attributes.js';
import { formatShape, isStatic, type Dim } from '../shape.js';
import { checkedAxes, integersOf, isPresent } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type InputFacts, type Operator } from './operator.js';

/** What Resize does to one axis. */
export interface AxisResize {
  /** Result size. */
  readonly size: number;
  /** Result size by input size as a float32; with given scales not exactly the quotient of the sizes. */
  readonly scale: number;
  /** The size before rounding down: input · scale. */
  readonly length: number;
  /** Borders of the region of interest in parts of the axis. */
  readonly roi: readonly [start: number, end: number];
}

const f32 = Math.fround;
const WHOLE: AxisResize['roi'] = [0, 1];

/** Attribute `coordinate_transformation_mode`; tf_half_pixel_for_nn is legal up to opset 12 only. */
const COORDINATE_MODES = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_crop_and_resize',
  'tf_half_pixel_for_nn',
];

/** The numbers of a float input; undefined when only running tells. */
const floatsOf = (facts: InputFacts): readonly number[] | undefined => facts.constant?.toNumbers();

/** The axes that roi, scales and sizes speak of, in their order. */
function namedAxes(call: InferenceCall, rank: number): readonly number[] {
  if (!call.attrs.has('axes')) return Array.from({ length: rank }, (_, axis) => axis);
  return checkedAxes(call, call.attrs.ints('axes'), rank) ?? [];
}

function checkCount(count: number, expected: number, what: string): void {
  if (count === expected) return;
  throw new OperatorFault('shape-mismatch', `Resize has ${count} ${what}, ${expected} are accepted`);
}

function regions(call: InferenceCall, count: number): AxisResize['roi'][] | undefined {
  if (call.attrs.string('coordinate_transformation_mode', 'half_pixel') !== 'tf_crop_and_resize') {
    return new Array<AxisResize['roi']>(count).fill(WHOLE);
  }
  const roi = call.inputs[1];
  if (!isPresent(roi)) throw new OperatorFault('invalid-input', 'Resize with tf_crop_and_resize needs its input roi');
  const values = floatsOf(roi);
  if (values === undefined) return undefined;
  checkCount(values.length, 2 * count, 'borders of the region of interest');
  return Array.from({ length: count }, (_, i) => [values[i] ?? 0, values[i + count] ?? 1]);
}

function scaledAxis(input: Dim, scale: number, roi: AxisResize['roi']): AxisResize | Dim | undefined {
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new OperatorFault('invalid-input', `a scale of Resize is ${scale}, finite numbers above 0 are accepted`);
  }
  if (typeof input === 'string') return scale === 1 ? input : undefined;
  const length = f32(input * scale);
  return { size: Math.floor(length), scale, length, roi };
}

function sizedAxes(
  attrs: Attributes,
  inputs: readonly Dim[],
  sizes: readonly Dim[],
  rois: readonly AxisResize['roi'][],
): (AxisResize | Dim | undefined)[] {
  const policy = attrs.string('keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') {
    return sizes.map((size, i) => {
      const input = inputs[i];
      if (typeof size === 'string' || typeof input !== 'number') return size;
      return { size, scale: input === 0 ? 1 : f32(size / input), length: size, roi: rois[i] ?? WHOLE };
    });
  }
  if (!isStatic(inputs) || !isStatic(sizes)) return sizes.map(() => undefined);
  const scales = sizes.map((size, i) => f32(size / (inputs[i] ?? 1)));
  const scale = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
  return inputs.map((input, i) => {
    const length = f32(input * scale);
    return { size: Math.floor(length + 0.5), scale, length, roi: rois[i] ?? WHOLE };
  });
}

/**
 * What Resize does to each axis of the data: all of it, the result size alone, or undefined when only running tells.
 * Result sizes: ⌊input · scale⌋ in float32 for given scales (deployed runtimes and ONNX's own inference leave the region
 * of interest out here, although the operator text multiplies by its extent), the sizes themselves under the policy
 * stretch, else input · scale rounded half up with the smallest or largest of the scales.
 * @throws OperatorFault when scales, sizes, roi and axes do not fit.
 */
export function resizePlan(call: InferenceCall): (AxisResize | Dim | undefined)[] {
  const { shape } = required(call, 0).type;
  const axes = namedAxes(call, shape.length);
  const inputs = axes.map((axis): Dim => shape[axis] ?? 1);
  const scales = isPresent(call.inputs[2]) ? call.inputs[2] : undefined;
  const sizes = isPresent(call.inputs[3]) ? call.inputs[3] : undefined;
  if ((scales === undefined) === (sizes === undefined)) {
    throw new OperatorFault(
      'invalid-input',
      `Resize has ${scales ? 'both' : 'neither'} scales and sizes, one of them is accepted`,
    );
  }
  for (const [facts, what] of [
    [scales, 'scales'],
    [sizes, 'sizes'],
  ] as const) {
    const count = facts?.type.shape[0];
    if (typeof count === 'number') checkCount(count, axes.length, what);
  }
  const rois = regions(call, axes.length);
  const plan: (AxisResize | Dim | undefined)[] = shape.map((dim) =>
    typeof dim === 'number' ? { size: dim, scale: 1, length: dim, roi: WHOLE } : dim,
  );
  const factors = scales && floatsOf(scales);
  const targets = sizes && integersOf(sizes);
  // Only running needs the region, the result sizes do not.
  const resized = targets && sizedAxes(call.attrs, inputs, targets, rois ?? []);
  for (const [i, axis] of axes.entries()) {
    const scale = factors?.[i];
    const known = scale === undefined ? undefined : scaledAxis(inputs[i] ?? 1, scale, rois?.[i] ?? WHOLE);
    plan[axis] = sizes === undefined ? known : resized?.[i];
  }
  return plan;
}

/** Resize: samples the data on a finer or coarser grid; nearest, linear or cubic, any number of axes. */
export const resize: Operator = operator({
  name: 'Resize',
  since: 11,
  inputs: [1, 4],
  optionalInputs: [1, 2],
  attributes: {
    antialias: { kind: 'int', oneOf: [0, 1] },
    axes: { kind: 'ints' },
    coordinate_transformation_mode: { kind: 'string', oneOf: COORDINATE_MODES },
    cubic_coeff_a: { kind: 'float' },
    exclude_outside: { kind: 'int', oneOf: [0, 1] },
    extrapolation_value: { kind: 'float' },
    keep_aspect_ratio_policy: { kind: 'string', oneOf: ['stretch', 'not_larger', 'not_smaller'] },
    mode: { kind: 'string', oneOf: ['nearest', 'linear', 'cubic'] },
    nearest_mode: { kind: 'string', oneOf: ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] },
  },
  infer(call) {
    const { type } = required(call, 0);
    const mode = call.attrs.string('mode', 'nearest');
    if (type.dtype === 'bool' && mode !== 'nearest') {
      throw new OperatorFault('unsupported-type', `Resize of bool in ${mode} mode, nearest is accepted`);
    }
    const shape = resizePlan(call).map((axis) => (typeof axis === 'object' ? axis.size : (axis ?? call.freshDim())));
    for (const [axis, size] of shape.entries()) {
      if (typeof size === 'number' && (size < 0 || (size > 0 && type.shape[axis] === 0))) {
        throw new OperatorFault(
          'shape-mismatch',
          `Resize cannot turn ${formatShape(type.shape)} into ${formatShape(shape)}`,
        );
      }
    }
    return [{ type: { ...type, shape } }];
  },
});
