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

/**
 * The attributes of a node as an opset knows them: newer ones are left out where they have their default.
 * @throws InternalError when the node needs what the opset does not have.
 */
export function fitToOpset(node: Node, opset: number): Attributes {
  let { attrs } = node.op === 'Split' ? { attrs: fitSplit(node, opset) } : node;
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

const tooNew = (node: Node, what: string, since: number, opset: number): InternalError =>
  new InternalError(`node '${node.name}': ${what} of ${node.op} needs opset ${since}, the model has opset ${opset}`);
