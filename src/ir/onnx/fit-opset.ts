import type { Attribute, Attributes } from '../attributes.js';
import { InternalError } from '../diagnostics.js';
import type { Node } from '../graph.js';

/** What an operator has gained after the opset of its newest form (`Operator.since`). */
interface Gain {
  readonly op: string;
  readonly since: number;
  /** Attributes with their defaults. */
  readonly attributes?: Readonly<Record<string, Attribute['value']>>;
  /** The first input that is new. */
  readonly input?: number;
}

const GAINS: readonly Gain[] = [
  { op: 'BatchNormalization', since: 14, attributes: { training_mode: 0 } },
  { op: 'MaxPool', since: 10, attributes: { ceil_mode: 0, dilations: [1] } },
  { op: 'AveragePool', since: 10, attributes: { ceil_mode: 0 } },
  { op: 'AveragePool', since: 19, attributes: { dilations: [1] } },
  { op: 'LpPool', since: 18, attributes: { ceil_mode: 0, dilations: [1] } },
  { op: 'Resize', since: 18, attributes: { antialias: 0, axes: [], keep_aspect_ratio_policy: 'stretch' } },
  { op: 'Pad', since: 18, input: 3 },
  { op: 'Reshape', since: 14, attributes: { allowzero: 0 } },
  { op: 'Shape', since: 15, attributes: { start: 0, end: Number.MAX_SAFE_INTEGER } },
  { op: 'Cast', since: 19, attributes: { saturate: 1 } },
  { op: 'Cast', since: 24, attributes: { round_mode: 'up' } },
  { op: 'CastLike', since: 19, attributes: { saturate: 1 } },
  { op: 'CastLike', since: 24, attributes: { round_mode: 'up' } },
  { op: 'QuantizeLinear', since: 13, attributes: { axis: 1 } },
  { op: 'QuantizeLinear', since: 19, attributes: { saturate: 1 } },
  { op: 'QuantizeLinear', since: 21, attributes: { block_size: 0, output_dtype: 0 } },
  { op: 'QuantizeLinear', since: 23, attributes: { precision: 0 } },
  { op: 'DequantizeLinear', since: 13, attributes: { axis: 1 } },
  { op: 'DequantizeLinear', since: 21, attributes: { block_size: 0 } },
  { op: 'DequantizeLinear', since: 23, attributes: { output_dtype: 0 } },
  { op: 'ArgMax', since: 12, attributes: { select_last_index: 0 } },
  { op: 'ArgMin', since: 12, attributes: { select_last_index: 0 } },
  { op: 'DepthToSpace', since: 11, attributes: { mode: 'DCR' } },
  { op: 'RNN', since: 14, attributes: { layout: 0 } },
  { op: 'GRU', since: 14, attributes: { layout: 0 } },
  { op: 'LSTM', since: 14, attributes: { layout: 0 } },
  { op: 'ScatterElements', since: 16, attributes: { reduction: 'none' } },
  { op: 'ScatterND', since: 16, attributes: { reduction: 'none' } },
];

/** Reductions that take their axes as an input since opset 18, and as an attribute before. */
const AXES_SINCE = 18;
const AXES_WERE_ATTRIBUTE: ReadonlySet<string> = new Set([
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceMax',
  'ReduceMean',
  'ReduceMin',
  'ReduceProd',
  'ReduceSumSquare',
]);

/** Whether the node has an older form that takes its axes as an attribute. */
const takesAxesAttribute = (node: Node, opset: number): boolean =>
  opset < AXES_SINCE && AXES_WERE_ATTRIBUTE.has(node.op);

/** The lowest opset in which a node of an operator that is legal from `since` on can be written. */
export const oldestOpset = ({ op }: Node, since: number): number => (AXES_WERE_ATTRIBUTE.has(op) ? 1 : since);

/**
 * The inputs of a node as an opset knows them; see `fitToOpset` for what has become an attribute.
 */
export const inputsAtOpset = (node: Node, opset: number): Node['inputs'] =>
  takesAxesAttribute(node, opset) ? node.inputs.slice(0, 1) : node.inputs;

/**
 * The attributes of a node as an opset knows them: newer ones are left out where they have their default.
 * @throws InternalError when the node needs what the opset does not have.
 */
export function fitToOpset(node: Node, opset: number): Attributes {
  let { attrs } = node;
  if (node.op === 'Split') attrs = fitSplit(node, opset);
  if (takesAxesAttribute(node, opset)) attrs = fitAxes(node, opset);
  for (const gain of GAINS) {
    if (gain.op !== node.op || opset >= gain.since) continue;
    for (const [name, fallback] of Object.entries(gain.attributes ?? {})) {
      const attribute = attrs.get(name);
      if (attribute === undefined) continue;
      if (!isDefault(attribute.value, fallback)) throw tooNew(node, `attribute ${name}`, gain.since, opset);
      attrs = attrs.without(name);
    }
    if (gain.input !== undefined && node.inputs[gain.input] !== undefined) {
      throw tooNew(node, `input ${gain.input}`, gain.since, opset);
    }
  }
  return attrs;
}

/** A list default stands for a list of any length made of its element. */
function isDefault(value: Attribute['value'], fallback: Attribute['value']): boolean {
  if (!Array.isArray(fallback)) return value === fallback;
  const [element] = fallback as readonly number[];
  return Array.isArray(value) && element !== undefined && value.every((item) => item === element);
}

/** Split counts its equal parts in an attribute from opset 18 on and by its outputs before. */
function fitSplit(node: Node, opset: number): Attributes {
  const { attrs } = node;
  if (opset >= 18) {
    return node.inputs[1] !== undefined || attrs.has('num_outputs')
      ? attrs
      : attrs.with('num_outputs', node.outputs.length);
  }
  if (!attrs.has('num_outputs')) return attrs;
  const sizes = node.outputs.map((output) => output.type.shape.at(attrs.int('axis', 0)));
  if (new Set(sizes.filter((size) => typeof size === 'number')).size > 1) {
    throw tooNew(node, 'cutting into unequal parts without sizes', 18, opset);
  }
  return attrs.without('num_outputs');
}

/** No axes mean all of them, in either form, but for `noop_with_empty_axes`. */
function fitAxes(node: Node, opset: number): Attributes {
  const [data, list] = node.inputs;
  const axes = list === undefined ? [] : list.constant?.toNumbers();
  if (axes === undefined) throw tooNew(node, 'axes that the model computes', AXES_SINCE, opset);
  if (axes.length === 0 && node.attrs.int('noop_with_empty_axes', 0) === 1) {
    throw tooNew(node, 'attribute noop_with_empty_axes', AXES_SINCE, opset);
  }
  const attrs = node.attrs.without('noop_with_empty_axes');
  const rank = data?.type.shape.length ?? 0;
  return axes.length === 0
    ? attrs
    : attrs.with(
        'axes',
        axes.map((axis) => (axis < 0 ? axis + rank : axis)),
      );
}

const tooNew = (node: Node, what: string, since: number, opset: number): InternalError =>
  new InternalError(`node '${node.name}': ${what} of ${node.op} needs opset ${since}, the model has opset ${opset}`);
