import type { Attributes } from '../../ir/attributes.js';
import type { Node, Value } from '../../ir/graph.js';
import { resizePlan, type AxisResize } from '../../ir/ops/resize.js';
import type { Shape } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { interpolationTaps, nearestMap } from '../../runtime/float/resize-taps.js';
import { callOf } from '../call-of.js';
import { having } from '../having.js';
import { op } from '../pattern.js';
import { decline, rule, type Builder, type Decline, type Rule } from '../rule.js';

const NEWER_MODES: ReadonlySet<string> = new Set(['half_pixel_symmetric']);

/**
 * Resize in forms that opset 17 has. `axes` (opset 18) become scales or sizes for every axis. Antialiasing, a kept aspect
 * ratio (opset 18) and `half_pixel_symmetric` (opset 19) become scales where those say the same, else each axis is
 * resized by a Gather (nearest) or by a product with the constant matrix of its weights. Products are rounded to float32
 * axis by axis.
 */
export const spellOutResize: Rule = rule({
  name: 'spell-out-resize',
  match: having(op('Resize', undefined, { as: 'node' }), ({ attrs }) =>
    attrs.ints('axes', []).length > 0 ||
    attrs.has('keep_aspect_ratio_policy') ||
    attrs.has('antialias') ||
    isNewer(attrs)
      ? undefined
      : 'opset 17 has its form',
  ),
  rewrite: ({ node }, to) => {
    const [x] = node.inputs;
    if (x === undefined) return decline('it has no data', node);
    const plan = resizePlan(callOf(node));
    const attrs = node.attrs.without('axes').without('keep_aspect_ratio_policy').without('antialias');
    const filters = node.attrs.int('antialias', 0) === 1 && shrinks(node, x.type.shape, plan);
    if (!filters && !isNewer(node.attrs)) {
      const sizing = sizingOf(node, plan);
      if (sizing !== undefined) return to.op('Resize', [x, ...listsOf(node, sizing, to)], attrs);
    }
    return resizedByAxis(node, x, plan, to);
  },
});

const isNewer = (attrs: Attributes): boolean =>
  NEWER_MODES.has(attrs.string('coordinate_transformation_mode', 'half_pixel'));

type Plan = ReturnType<typeof resizePlan>;

const isAxis = (axis: Plan[number]): axis is AxisResize => typeof axis === 'object';

/** Whether antialiasing may do anything. */
const shrinks = ({ attrs }: Node, shape: Shape, plan: Plan): boolean =>
  attrs.string('mode', 'nearest') !== 'nearest' &&
  plan.some((axis, i) => (isAxis(axis) ? axis.scale < 1 : axis === undefined || axis !== shape[i]));

interface Sizing {
  readonly scales?: readonly number[];
  readonly sizes?: readonly number[];
}

/** Scales or sizes for every axis that mean what the node's mean; undefined where there are none. */
function sizingOf(node: Node, plan: Plan): Sizing | undefined {
  const [x, , scales, sizes] = node.inputs;
  const shape = x?.type.shape ?? [];
  const axes = namedAxes(node, shape.length);
  const given = scales?.constant?.toNumbers();
  if (sizes === undefined) {
    return given && { scales: shape.map((_, axis) => given[axes.indexOf(axis)] ?? 1) };
  }
  const stretches = node.attrs.string('keep_aspect_ratio_policy', 'stretch') === 'stretch';
  const known = plan.filter(isAxis);
  if (stretches && known.length === shape.length) return { sizes: known.map(({ size }) => size) };
  const asScales = plan.map((axis, i) => (isAxis(axis) ? scaleOf(axis) : axis === shape[i] ? 1 : undefined));
  return asScales.every((scale) => scale !== undefined) ? { scales: asScales } : undefined;
}

/** The scale, if it leads to the same size and the same coordinates as the size itself. */
const scaleOf = ({ size, scale, length }: AxisResize): number | undefined =>
  Math.floor(length) === size && scale > 0 ? scale : undefined;

function namedAxes({ attrs }: Node, rank: number): readonly number[] {
  if (!attrs.has('axes')) return Array.from({ length: rank }, (_, axis) => axis);
  return attrs.ints('axes').map((axis) => (axis < 0 ? axis + rank : axis));
}

/** Inputs 1 to 3 of the new Resize; the region of interest covers all of an axis that was not named. */
function listsOf(node: Node, { scales, sizes }: Sizing, to: Builder): (Value | undefined)[] {
  const [x, roi] = node.inputs;
  const rank = x?.type.shape.length ?? 0;
  const axes = namedAxes(node, rank);
  const borders = roi?.constant?.toNumbers() ?? [];
  const full = [0, 1].flatMap((side) =>
    Array.from({ length: rank }, (_, axis) => {
      const at = axes.indexOf(axis);
      return at < 0 ? side : (borders[at + side * axes.length] ?? side);
    }),
  );
  const region = borders.length === 0 ? undefined : to.constant(Tensor.float32([2 * rank], full));
  return scales === undefined
    ? [region, undefined, to.constant(Tensor.int64(sizes ?? []))]
    : [region, to.constant(Tensor.float32([rank], scales))];
}

/** One axis after the other, those that shrink most first. */
function resizedByAxis(node: Node, x: Value, plan: Plan, to: Builder): Value | Decline {
  const { shape } = x.type;
  const changed: { readonly axis: number; readonly input: number; readonly to: AxisResize }[] = [];
  for (const [axis, step] of plan.entries()) {
    const input = shape[axis];
    if (!isAxis(step) || typeof input !== 'number') {
      if (step !== input) return decline('it resizes an axis of unknown size', node);
    } else if (step.size !== input || step.scale !== 1) {
      changed.push({ axis, input, to: step });
    }
  }
  const nearest = node.attrs.string('mode', 'nearest') === 'nearest';
  if (!nearest && x.type.dtype !== 'float32') return decline('the data are not float32', node);
  let resized = x;
  for (const step of changed.sort((a, b) => a.to.size / a.input - b.to.size / b.input)) {
    const next = nearest ? gathered(node, resized, step, to) : multiplied(node, resized, step, to);
    if ('declined' in next) return next;
    resized = next;
  }
  return resized;
}

interface AxisStep {
  readonly axis: number;
  readonly input: number;
  readonly to: AxisResize;
}

const extrapolates = (node: Node): Decline => decline('it extrapolates beyond the data', node);

function gathered(node: Node, x: Value, { axis, input, to: step }: AxisStep, to: Builder): Value | Decline {
  const map = nearestMap(node.attrs, input, step);
  if (map.includes(-1)) return extrapolates(node);
  return to.op('Gather', [x, to.constant(Tensor.int64(Array.from(map)))], { axis });
}

function multiplied(node: Node, x: Value, { axis, input, to: step }: AxisStep, to: Builder): Value | Decline {
  const { count, index, weight, outside } = interpolationTaps(node.attrs, input, step);
  if (outside.includes(1)) return extrapolates(node);
  const matrix = new Float64Array(input * step.size);
  for (let i = 0; i < step.size * count; i++) {
    const at = (index[i] ?? 0) * step.size + Math.floor(i / count);
    matrix[at] = (matrix[at] ?? 0) + (weight[i] ?? 0);
  }
  const weights = to.constant(Tensor.float32([input, step.size], Float32Array.from(matrix)));
  const last = x.type.shape.length - 1;
  if (axis === last) return to.op('MatMul', [x, weights]);
  const perm = x.type.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const turned = to.op('Transpose', [x], { perm }, { part: 'turned' });
  return to.op('Transpose', [to.op('MatMul', [turned, weights], {}, { part: 'resized' })], { perm });
}
