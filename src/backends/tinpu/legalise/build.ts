import { Attributes } from '../../../ir/attributes.js';
import type { Value } from '../../../ir/graph.js';
import { sizeOf } from '../../../ir/shape.js';
import { numberData, Tensor } from '../../../ir/tensor.js';
import type { Builder } from '../../../passes/rule.js';
import type { ConvBindings } from './conv-rule.js';
import type { Form } from './form.js';

/** A tensor of the same type whose elements are taken from `source` by place; 0 where there is none. */
export function rearranged(
  source: Tensor,
  dims: readonly number[],
  placeOf: (index: readonly number[]) => number | undefined,
  fill = 0,
): Tensor {
  const from = numberData(source) ?? [];
  const result = Tensor.zeros(source.dtype, dims);
  const into = numberData(result);
  const index = dims.map(() => 0);
  for (let i = 0; into !== undefined && i < sizeOf(dims); i++) {
    let rest = i;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = rest % (dims[axis] ?? 1);
      rest = Math.floor(rest / (dims[axis] ?? 1));
    }
    const place = placeOf(index);
    into[i] = place === undefined ? fill : (from[place] ?? fill);
  }
  return result;
}

/** A tensor with more elements along its axes, those at the end being `fill`. */
export function extended(source: Tensor, dims: readonly number[], fill = 0): Tensor {
  return rearranged(
    source,
    dims,
    (index) =>
      index.every((at, axis) => at < (source.dims[axis] ?? 1))
        ? index.reduce((place, at, axis) => place * (source.dims[axis] ?? 1) + at, 0)
        : undefined,
    fill,
  );
}

/** The constants of a BNORM for more channels; one entry that serves all keeps doing so. */
export function widenedList(
  to: Builder,
  list: Value & { readonly constant: Tensor },
  channels: number,
  fill: number,
): Value {
  const { constant } = list;
  if (constant.size === 1 || constant.size >= channels) return list;
  return to.constant(extended(constant, [channels], fill), list.name);
}

/** q.Bnorm(q.Conv) in a form, with other weights and constants. */
export function buildConv(
  to: Builder,
  { conv, bnorm, weight, bias, scale, shift }: ConvBindings,
  { shape, pads }: Form,
  parts: { readonly x: Value; readonly weight: Tensor; readonly list?: readonly Value[]; readonly part?: string },
): Value {
  const attrs = Attributes.of({
    strides: shape.strides,
    pads,
    dilations: shape.dilations,
    group: shape.groups,
  });
  const integers = to.constant(parts.weight, weight.name);
  const accumulator = to.op('q.Conv', [parts.x, integers], attrs, { standsFor: conv });
  const quantisation = bnorm.outputs[0]?.type.quantisation;
  const list = parts.list ?? [bias, scale, shift];
  const result = parts.part === undefined ? { quantisation } : { quantisation, part: parts.part };
  return to.op('q.Bnorm', [accumulator, ...list], bnorm.attrs, result);
}

/** x with zeros behind its elements along axis 1. */
export function padChannels(to: Builder, x: Value, channels: number): Value {
  const behind = x.type.shape.map((_, axis) => (axis === 1 ? channels - Number(x.type.shape[1]) : 0));
  const pads = Tensor.int64([...x.type.shape.map(() => 0), ...behind]);
  const { quantisation } = x.type;
  return to.op('Pad', [x, to.constant(pads)], {}, { quantisation, part: 'input_padded', bare: true });
}

/** The first elements of a value along axis 1. */
export function firstChannels(to: Builder, value: Value, channels: number): Value {
  const list = (n: number): Value => to.constant(Tensor.int64([n]));
  const { quantisation } = value.type;
  return to.op('Slice', [value, list(0), list(channels), list(1)], {}, { quantisation });
}

/** What a value is the first channels of, when a Slice says so. */
export function widerSource(value: Value): Value | undefined {
  const { producer } = value;
  if (producer?.domain !== '' || producer.op !== 'Slice' || producer.inputs[4] !== undefined) return undefined;
  const [source, starts, , axes] = producer.inputs;
  const single = (list: Value | undefined): number | undefined =>
    list?.constant?.size === 1 ? list.constant.toNumbers()[0] : undefined;
  return single(starts) === 0 && single(axes) === 1 ? source : undefined;
}
