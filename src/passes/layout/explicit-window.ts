import { Attributes } from '../../ir/attributes.js';
import type { Node } from '../../ir/graph.js';
import { convTransposeFacts, transposeAxes } from '../../ir/ops/conv-transpose.js';
import { kernelOf } from '../../ir/ops/conv.js';
import { extentOf, slideAxes, windowAttributes, type WindowAttributes } from '../../ir/ops/window.js';
import { isStatic, type Shape } from '../../ir/shape.js';

/**
 * The window attributes of a convolution or pool spelt out: `kernel_shape`, `strides`, `pads`, for convolutions
 * `dilations` and `group`; no `auto_pad`, `output_shape` or `ceil_mode` where sizes are known. `reason` says what is not.
 */
export function explicitWindow(node: Node): Attributes | { readonly reason: string } {
  const [x, weight] = node.inputs;
  if (x === undefined) return { reason: 'it has no data' };
  if (node.op === 'ConvTranspose')
    return weight === undefined
      ? { reason: 'it has no weights' }
      : explicitConvTranspose(node, x.type.shape, weight.type.shape);
  if (node.op === 'Conv')
    return weight === undefined ? { reason: 'it has no weights' } : explicitConv(node, x.type.shape, weight.type.shape);
  return explicitPool(node, x.type.shape);
}

interface Pads {
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

const joined = ({ begin, end }: Pads): number[] => [...begin, ...end];

/** The pads that `auto_pad` stands for; undefined when they depend on unknown sizes. */
function autoPads(node: Node, window: WindowAttributes, spatial: Shape, kernel: readonly number[]): Pads | undefined {
  const { autoPad, padsBegin, padsEnd, strides, dilations } = window;
  if (!autoPad.startsWith('SAME')) return { begin: padsBegin, end: padsEnd };
  if (isStatic(spatial)) {
    const axes = slideAxes(node, window, spatial, kernel);
    return { begin: axes.map(({ padBegin }) => padBegin), end: axes.map(({ padEnd }) => padEnd) };
  }
  if (strides.some((stride) => stride !== 1)) return undefined;
  const totals = kernel.map((size, axis) => extentOf(size, dilations[axis] ?? 1) - 1);
  const less = totals.map((total) => Math.floor(total / 2));
  const more = totals.map((total) => Math.ceil(total / 2));
  return autoPad === 'SAME_LOWER' ? { begin: more, end: less } : { begin: less, end: more };
}

function explicitConv(node: Node, x: Shape, weight: Shape): Attributes | { readonly reason: string } {
  const kernel = kernelOf(node, x, weight);
  if (!isStatic(kernel)) return { reason: 'the size of its kernel is not known' };
  const window = windowAttributes(node, kernel.length);
  const pads = autoPads(node, window, x.slice(2), kernel);
  if (pads === undefined) return { reason: 'auto_pad depends on sizes that are not known' };
  return Attributes.of({
    dilations: window.dilations,
    group: node.attrs.int('group', 1),
    kernel_shape: kernel,
    pads: joined(pads),
    strides: window.strides,
  });
}

function explicitConvTranspose(node: Node, x: Shape, weight: Shape): Attributes | { readonly reason: string } {
  const facts = convTransposeFacts(node, x, weight);
  const { kernel, window, outputPadding } = facts;
  if (!isStatic(kernel)) return { reason: 'the size of its kernel is not known' };
  const spatial = x.slice(2);
  let pads: Pads = { begin: window.padsBegin, end: window.padsEnd };
  let added = outputPadding;
  if (isStatic(spatial)) {
    const axes = transposeAxes(node, facts, spatial, kernel);
    pads = { begin: axes.map(({ padBegin }) => padBegin), end: axes.map(({ padEnd }) => Math.max(padEnd, 0)) };
    added = axes.map(({ padEnd }) => Math.max(-padEnd, 0));
    const tooLong = added.some(
      (size, axis) => size >= Math.max(window.strides[axis] ?? 1, window.dilations[axis] ?? 1),
    );
    if (tooLong || pads.begin.some((pad) => pad < 0)) return { reason: 'no pads express the size of its result' };
  } else if (facts.outputShape !== undefined || window.autoPad.startsWith('SAME')) {
    return { reason: 'its pads depend on sizes that are not known' };
  }
  return Attributes.of({
    dilations: window.dilations,
    group: facts.group,
    kernel_shape: kernel,
    output_padding: added.some((size) => size > 0) ? added : undefined,
    pads: joined(pads),
    strides: window.strides,
  });
}

/**
 * Windows that `ceil_mode` adds at the end see what more padding at the end would show them, except where padding
 * counts as data.
 */
function explicitPool(node: Node, x: Shape): Attributes | { readonly reason: string } {
  const { attrs } = node;
  const kernel = attrs.ints('kernel_shape');
  const window = windowAttributes(node, kernel.length);
  const spatial = x.slice(2);
  const pads = autoPads(node, window, spatial, kernel);
  if (pads === undefined) return { reason: 'auto_pad depends on sizes that are not known' };
  const padded = [...pads.begin, ...pads.end].some((pad) => pad > 0);
  const countsPads = padded && attrs.int('count_include_pad', 0) === 1;
  let { end } = pads;
  let ceiled = window.ceilMode;
  if (ceiled && isStatic(spatial)) {
    const needed = slideAxes(node, window, spatial, kernel).map(
      ({ output, stride, input, padBegin, dilation }, axis) =>
        (output - 1) * stride + extentOf(kernel[axis] ?? 1, dilation) - input - padBegin,
    );
    const longer = end.map((pad, axis) => Math.max(pad, needed[axis] ?? 0));
    if (!countsPads || longer.every((pad, axis) => pad === end[axis])) {
      end = longer;
      ceiled = false;
    }
  }
  const dilated = window.dilations.some((dilation) => dilation !== 1);
  const placed = node.outputs.length > 1 && attrs.int('storage_order', 0) === 1;
  return Attributes.of({
    ceil_mode: ceiled ? 1 : undefined,
    count_include_pad: countsPads ? 1 : undefined,
    dilations: dilated ? window.dilations : undefined,
    kernel_shape: kernel,
    p: attrs.has('p') ? attrs.int('p') : undefined,
    pads: [...pads.begin, ...end],
    storage_order: placed ? 1 : undefined,
    strides: window.strides,
  });
}
