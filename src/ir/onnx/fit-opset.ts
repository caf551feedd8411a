import type { Attribute, Attributes } from '../attributes.js';
import type { DType } from '../dtype.js';
import type { Node, Value } from '../graph.js';
import type { OperatorTable } from '../ops/table.js';
import { GAINS, type Gain } from './opset-gains.js';

/** A node as an opset writes it. */
export interface FittedNode {
  readonly inputs: Node['inputs'];
  readonly attrs: Attributes;
}

/** What a node needs and an older opset does not have. */
export interface OpsetLack {
  /** Such as 'attribute antialias of Resize'. */
  readonly what: string;
  /** The opset that brought it in. */
  readonly since: number;
}

/** Opsets that brought element types in. */
const TYPE_SINCE: ReadonlyMap<DType, number> = new Map<DType, number>([
  ['bfloat16', 13],
  ['float8e4m3fn', 19],
  ['float8e4m3fnuz', 19],
  ['float8e5m2', 19],
  ['float8e5m2fnuz', 19],
  ['float4e2m1', 23],
  ['float8e8m0', 24],
  ['int4', 21],
  ['uint4', 21],
  ['int2', 25],
  ['uint2', 25],
]);

/** The first opset that has an element type. */
export const opsetOfType = (dtype: DType): number => TYPE_SINCE.get(dtype) ?? 1;

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

/** GridSample of images is of opset 16; opset 20 brought volumes and other names for the modes. */
const GRID_SAMPLE = { renamed: 20, since: 16 };
const GRID_MODES: ReadonlyMap<string, string> = new Map([
  ['linear', 'bilinear'],
  ['cubic', 'bicubic'],
]);

/** The lowest opset in which some form of an operator that is legal from `since` on exists. */
function oldestOpset({ op }: Node, since: number): number {
  if (AXES_WERE_ATTRIBUTE.has(op)) return 1;
  return op === 'GridSample' ? GRID_SAMPLE.since : since;
}

/**
 * A node of ai.onnx in the form that an opset has for it: newer attributes are left out where they have their default,
 * what has become an input is the attribute it was.
 * @returns what the opset lacks where it has no form for the node
 */
export function fitToOpset(node: Node, opset: number, operators: OperatorTable): FittedNode | OpsetLack {
  const since = oldestOpset(node, operators.get(node.op)?.since ?? 1);
  if (since > opset) return { what: node.op, since };
  for (const { name, type } of [...node.inputs, ...node.outputs].filter((value): value is Value => !!value)) {
    if (opsetOfType(type.dtype) > opset) return { what: `${type.dtype} '${name}'`, since: opsetOfType(type.dtype) };
  }
  const form = formAt(node, opset);
  if ('what' in form) return form;
  let { attrs } = form;
  for (const gain of GAINS) {
    if (gain.op !== node.op || opset >= gain.since) continue;
    const fitted = withoutGain(node, attrs, gain);
    if ('what' in fitted) return fitted;
    attrs = fitted;
  }
  return { ...form, attrs };
}

/** The node with what has changed its place or name put back. */
function formAt(node: Node, opset: number): FittedNode | OpsetLack {
  const { inputs, attrs } = node;
  if (node.op === 'Split') return fitSplit(node, opset);
  if (opset < AXES_SINCE && AXES_WERE_ATTRIBUTE.has(node.op)) return fitAxes(node);
  if (node.op === 'GridSample' && opset < GRID_SAMPLE.renamed) {
    const mode = attrs.string('mode', 'linear');
    return { inputs, attrs: attrs.has('mode') ? attrs.with('mode', GRID_MODES.get(mode) ?? mode) : attrs };
  }
  return { inputs, attrs };
}

/** The attributes less what a gain has brought in. */
function withoutGain(node: Node, attrs: Attributes, gain: Gain): Attributes | OpsetLack {
  const lack = (what: string): OpsetLack => ({ what: `${what} of ${node.op}`, since: gain.since });
  let older = attrs;
  for (const [name, fallback] of Object.entries(gain.attributes ?? {})) {
    const attribute = attrs.get(name);
    if (attribute === undefined) continue;
    if (!isDefault(attribute.value, fallback)) return lack(`attribute ${name}`);
    older = older.without(name);
  }
  for (const name of gain.idle ?? []) older = older.without(name);
  for (const [name, values] of Object.entries(gain.values ?? {})) {
    const value = attrs.get(name)?.value;
    if (typeof value === 'string' && values.includes(value)) return lack(`${name} '${value}'`);
  }
  if (gain.input !== undefined && node.inputs[gain.input] !== undefined) return lack(`input ${gain.input}`);
  const tensors = [...node.inputs, ...node.outputs];
  const type = gain.types?.find((dtype) => tensors.some((value) => value?.type.dtype === dtype));
  return type === undefined ? older : lack(`type ${type}`);
}

/** A list default stands for a list of any length made of its element. */
function isDefault(value: Attribute['value'], fallback: Attribute['value']): boolean {
  if (!Array.isArray(fallback)) return value === fallback;
  const [element] = fallback as readonly number[];
  return Array.isArray(value) && element !== undefined && value.every((item) => item === element);
}

/** Split counts its equal parts in an attribute from opset 18 on and by its outputs before. */
function fitSplit({ inputs, attrs, outputs }: Node, opset: number): FittedNode | OpsetLack {
  if (opset >= 18) {
    const counted = inputs[1] !== undefined || attrs.has('num_outputs');
    return { inputs, attrs: counted ? attrs : attrs.with('num_outputs', outputs.length) };
  }
  if (!attrs.has('num_outputs')) return { inputs, attrs };
  const sizes = outputs.map((output) => output.type.shape.at(attrs.int('axis', 0)));
  if (new Set(sizes.filter((size) => typeof size === 'number')).size > 1)
    return { what: 'cutting into unequal parts without sizes of Split', since: 18 };
  return { inputs, attrs: attrs.without('num_outputs') };
}

/** No axes mean all of them, in either form, but for `noop_with_empty_axes`. */
function fitAxes({ op, inputs: [data, list], attrs }: Node): FittedNode | OpsetLack {
  const lack = (what: string): OpsetLack => ({ what: `${what} of ${op}`, since: AXES_SINCE });
  const axes = list === undefined ? [] : list.constant?.toNumbers();
  if (axes === undefined) return lack('axes that the model computes');
  if (axes.length === 0 && attrs.int('noop_with_empty_axes', 0) === 1) return lack('attribute noop_with_empty_axes');
  const older = attrs.without('noop_with_empty_axes');
  const rank = data?.type.shape.length ?? 0;
  const positive = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  return { inputs: [data], attrs: axes.length === 0 ? older : older.with('axes', positive) };
}
