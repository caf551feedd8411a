import { InternalError } from '../../../ir/diagnostics.js';
import { isConstant, type Node, type Value } from '../../../ir/graph.js';
import { isStatic } from '../../../ir/shape.js';
import { Tensor } from '../../../ir/tensor.js';
import type { Carrier } from './carrier.js';

/**
 * Emits a Pad in a form that opset 17 has: pads for every axis, and wrapping, which opset 19 brought, as one Gather an axis.
 * @param inputs the carriers of its inputs
 */
export function emitPad(node: Node, name: string, inputs: readonly (Value | undefined)[], to: Carrier): void {
  const [data, list, value, axes] = inputs;
  const [result] = node.outputs;
  if (data === undefined || list === undefined || result === undefined) throw new InternalError('Pad lacks an input');
  if (axes === undefined && node.attrs.string('mode', 'constant') !== 'wrap') {
    to.results(node.outputs, name, 'Pad', inputs, node.attrs);
    return;
  }
  const rank = data.type.shape.length;
  const { before, after } = padsOf(node, list, axes, rank);
  const padded = before.flatMap((count, axis) => (count === 0 && after[axis] === 0 ? [] : [axis]));
  if (node.attrs.string('mode', 'constant') !== 'wrap' || padded.length === 0) {
    const pads = to.tensor(Tensor.int64([...before, ...after]), `${result.name}/pads`);
    const attrs = padded.length === 0 ? node.attrs.without('mode') : node.attrs;
    to.results(node.outputs, name, 'Pad', [data, pads, value], attrs);
    return;
  }
  let wrapped = data;
  for (const [i, axis] of padded.entries()) {
    const size = data.type.shape[axis];
    if (typeof size !== 'number') throw new InternalError(`Pad wraps an axis of unknown size`);
    const indices = to.tensor(wrappedIndices(size, before[axis] ?? 0, after[axis] ?? 0), `${result.name}/indices`);
    if (i === padded.length - 1) to.results(node.outputs, name, 'Gather', [wrapped, indices], { axis });
    else wrapped = to.op(`${name}/${axis}`, 'Gather', [wrapped, indices], `${result.name}/${axis}`, { axis });
  }
}

function padsOf(
  node: Node,
  list: Value,
  axes: Value | undefined,
  rank: number,
): { readonly before: readonly number[]; readonly after: readonly number[] } {
  if (!isConstant(list) || (axes !== undefined && !isConstant(axes))) {
    throw new InternalError(`the pads of '${node.name}' are computed by the model, which opset 17 has no form for`);
  }
  const pads = list.constant.toNumbers();
  const named = axes?.constant.toNumbers().map((axis) => (axis < 0 ? axis + rank : axis));
  const count = pads.length / 2;
  const at = (axis: number): number => (named === undefined ? axis : named.indexOf(axis));
  const side = (offset: number): number[] =>
    Array.from({ length: rank }, (_, axis) => (at(axis) < 0 ? 0 : (pads[offset + at(axis)] ?? 0)));
  return { before: side(0), after: side(count) };
}

/** Which element each place along a wrapped axis holds; negative pads take elements away first. */
function wrappedIndices(size: number, before: number, after: number): Tensor {
  const first = Math.max(0, -before);
  const kept = size - first - Math.max(0, -after);
  const length = size + before + after;
  const lead = Math.max(0, before);
  return Tensor.int64(Array.from({ length }, (_, i) => first + ((((i - lead) % kept) + kept) % kept)));
}

/** Emits a Resize in a form that opset 17 has: scales or sizes for every axis (the attribute `axes` is of opset 18). */
export function emitResize(node: Node, name: string, inputs: readonly (Value | undefined)[], to: Carrier): void {
  const [data, roi, scales, sizes] = inputs;
  const [result] = node.outputs;
  const listed = node.attrs.ints('axes', []);
  if (data === undefined || result === undefined || listed.length === 0) {
    to.results(node.outputs, name, 'Resize', inputs, node.attrs);
    return;
  }
  const { shape } = data.type;
  const axes = listed.map((axis) => (axis < 0 ? axis + shape.length : axis));
  const attrs = node.attrs.without('axes');
  const of = (list: Value | undefined, axis: number): number | undefined =>
    list?.constant?.toNumbers()[axes.indexOf(axis)];
  if (sizes !== undefined && isStatic(shape)) {
    const full = shape.map((size, axis) => of(sizes, axis) ?? size);
    to.results(
      node.outputs,
      name,
      'Resize',
      [data, roi, undefined, to.tensor(Tensor.int64(full), `${result.name}/sizes`)],
      attrs,
    );
    return;
  }
  const full = shape.map((size, axis) => {
    const target = of(sizes, axis);
    if (target === undefined) return of(scales, axis) ?? 1;
    const scale = typeof size === 'number' ? Math.fround(target / size) : NaN;
    if (typeof size === 'number' && Math.floor(Math.fround(size * scale)) === target) return scale;
    throw new InternalError(`Resize '${node.name}' to ${target} of ${size} elements has no form in opset 17`);
  });
  const tensor = to.tensor(Tensor.float32([full.length], full), `${result.name}/scales`);
  to.results(node.outputs, name, 'Resize', [data, roi, tensor], attrs);
}
