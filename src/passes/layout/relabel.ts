import type { Attributes } from '../../ir/attributes.js';
import { isConstant, opName, type Node, type Value } from '../../ir/graph.js';
import { BINARY_OPERATORS } from '../../ir/ops/binary.js';
import { integersOf } from '../../ir/ops/facts.js';
import { REDUCE_OPERATORS } from '../../ir/ops/reduce.js';
import { SOFTMAX_OPERATORS } from '../../ir/ops/softmax.js';
import { UNARY_OPERATORS } from '../../ir/ops/unary.js';
import { isStatic, normaliseAxis } from '../../ir/shape.js';
import { Tensor } from '../../ir/tensor.js';
import { decline, type Builder, type Decline, type ResultOptions } from '../rule.js';
import { axesInput, mapTensor, type AxisMap } from './axis-map.js';

/**
 * How an operator that knows no axes but those it is told treats its inputs.
 * `pointwise`: input 0 element by element, the others are scalars. `broadcast`: all inputs together. `channels`: axis 1
 * of input 0 has a meaning. The rest is named after its operator.
 */
type Family = 'pointwise' | 'broadcast' | 'channels' | 'axis' | 'concat' | 'reduce' | 'pad' | 'slice';

const FAMILIES: ReadonlyMap<string, Family> = new Map<string, Family>([
  ...UNARY_OPERATORS.map(({ name }) => [name, 'pointwise'] as const),
  ...(['Clip', 'Cast', 'Identity'] as const).map((name) => [name, 'pointwise'] as const),
  ...BINARY_OPERATORS.map(({ name }) => [name, 'broadcast'] as const),
  ...(['PRelu', 'Where'] as const).map((name) => [name, 'broadcast'] as const),
  ...SOFTMAX_OPERATORS.map(({ name }) => [name, 'axis'] as const),
  ...REDUCE_OPERATORS.map(({ name }) => [name, 'reduce'] as const),
  ['BatchNormalization', 'channels'],
  ['Concat', 'concat'],
  ['Pad', 'pad'],
  ['Slice', 'slice'],
]);

/** Operators that work the same on tensors whose axes are in another order, once their attributes follow. */
export const LAYOUT_FREE: readonly string[] = [...FAMILIES.keys()];

/** Those of them whose result has the axes of input 0 and that a view of the result can pass. */
export const LAYOUT_KEEPING: readonly string[] = LAYOUT_FREE.filter(
  (name) => !['concat', 'reduce'].includes(FAMILIES.get(name) ?? ''),
);

/** Operators that map the elements of input 0 one by one, all in the same way. */
export const isPointwise = (node: Node): boolean => FAMILIES.get(opName(node)) === 'pointwise';

export const isLayoutFree = (node: Node): boolean => FAMILIES.has(opName(node));

/** Places of the inputs that have the axes of the result: all that are there for some operators, input 0 for others. */
export function dataInputs(node: Node): readonly number[] {
  const family = FAMILIES.get(opName(node));
  if (family === undefined) return [];
  return family === 'broadcast' || family === 'concat' ? node.inputs.map((_, i) => i) : [0];
}

/** Whether the value is a single element, whatever its rank: broadcasting does not care about its layout. */
export const isSingle = ({ type }: Value): boolean => type.shape.every((dim) => dim === 1);

/** A node rebuilt on relabelled inputs, and how the axes of its old result lie in the new one. */
export interface Relabelled {
  readonly value: Value;
  readonly map: AxisMap;
}

/**
 * Rebuilds a node of `LAYOUT_FREE` on inputs whose axes `map` relabels.
 * @param sources the relabelled data inputs by place; those left out are constants, relabelled here, or single elements
 */
export function relabel(
  node: Node,
  map: AxisMap,
  sources: ReadonlyMap<number, Value>,
  to: Builder,
  options: Pick<ResultOptions, 'heir'> = {},
): Relabelled | Decline {
  const result: ResultOptions = { ...options, standsFor: node };
  const family = FAMILIES.get(opName(node));
  const rank = map.axes.length;
  const inputs: (Value | undefined)[] = [...node.inputs];
  for (const place of dataInputs(node)) {
    const input = node.inputs[place];
    if (input === undefined) continue;
    const source = sources.get(place);
    if (source !== undefined) inputs[place] = source;
    else if (input.type.shape.length > rank) return decline(`'${input.name}' has more axes than what it meets`, node);
    else if (isConstant(input) && !(family === 'broadcast' && isSingle(input))) {
      inputs[place] = to.constant(mapTensor(input.constant, map), input.name);
    }
  }
  const rebuild = (attrs: Attributes = node.attrs, operands: Inputs = inputs): Value =>
    to.op(opName(node), operands, attrs, result);
  switch (family) {
    case undefined:
      return decline(`${opName(node)} depends on the order of axes`, node);
    case 'pointwise':
    case 'broadcast':
      return { value: rebuild(), map };
    case 'channels':
      if (map.axes[1] !== 1) return decline('the channels would leave axis 1', node);
      return { value: rebuild(), map };
    case 'axis':
      return { value: rebuild(withAxis(node, map, -1)), map };
    case 'concat':
      return { value: rebuild(withAxis(node, map, 0)), map };
    case 'reduce':
      return relabelReduction(node, map, inputs, to, rebuild);
    case 'pad':
      return relabelPad(node, map, inputs, to, rebuild);
    case 'slice':
      return relabelSlice(node, map, inputs, to, rebuild);
  }
}

type Inputs = readonly (Value | undefined)[];
type Rebuild = (attrs: Attributes, inputs: Inputs) => Value;

function withAxis(node: Node, map: AxisMap, fallback: number): Attributes {
  const axis = normaliseAxis(node.attrs.int('axis', fallback), map.axes.length) ?? 0;
  return node.attrs.with('axis', map.axes[axis] ?? 0);
}

const axesConstant = (to: Builder, axes: readonly number[]): Value => to.constant(Tensor.int64(axes), 'axes');

function relabelReduction(
  node: Node,
  map: AxisMap,
  [data, given]: Inputs,
  to: Builder,
  rebuild: Rebuild,
): Relabelled | Decline {
  const rank = map.axes.length;
  const all = given === undefined || given.type.shape[0] === 0;
  const idle = all && node.attrs.int('noop_with_empty_axes', 0) === 1;
  const named = all ? Array.from({ length: idle ? 0 : rank }, (_, axis) => axis) : axesInput(given, rank);
  if (named === undefined) return decline('the axes to reduce are not constant', node);
  const reduced = named.map((axis) => map.axes[axis] ?? 0).sort((a, b) => a - b);
  const value = rebuild(node.attrs, [data, axesConstant(to, reduced)]);
  if (node.attrs.int('keepdims', 1) === 1) return { value, map };
  const left = Array.from({ length: map.rank }, (_, axis) => axis).filter((axis) => !reduced.includes(axis));
  const axes = map.axes.filter((axis) => !reduced.includes(axis)).map((axis) => left.indexOf(axis));
  return { value, map: { axes, rank: left.length } };
}

function relabelPad(
  node: Node,
  map: AxisMap,
  [data, padsInput, fill, given]: Inputs,
  to: Builder,
  rebuild: Rebuild,
): Relabelled | Decline {
  const rank = map.axes.length;
  const pads = padsInput && integersOf(padsInput);
  const named = given === undefined ? Array.from({ length: rank }, (_, axis) => axis) : axesInput(given, rank);
  if (pads === undefined || !isStatic(pads) || named === undefined) return decline('the pads are not constant', node);
  const result = new Array<number>(2 * map.rank).fill(0);
  for (const [i, axis] of named.entries()) {
    const place = map.axes[axis] ?? 0;
    result[place] = pads[i] ?? 0;
    result[place + map.rank] = pads[i + named.length] ?? 0;
  }
  const inputs = [data, to.constant(Tensor.int64(result), 'pads'), ...(fill === undefined ? [] : [fill])];
  return { value: rebuild(node.attrs, inputs), map };
}

function relabelSlice(
  node: Node,
  map: AxisMap,
  [data, starts, ends, given, steps]: Inputs,
  to: Builder,
  rebuild: Rebuild,
): Relabelled | Decline {
  const rank = map.axes.length;
  const count = starts?.type.shape[0];
  const leading = typeof count === 'number' ? Array.from({ length: count }, (_, axis) => axis) : undefined;
  const named = given === undefined ? leading : axesInput(given, rank);
  if (named === undefined) return decline('the axes to slice are not constant', node);
  const axes = axesConstant(
    to,
    named.map((axis) => map.axes[axis] ?? 0),
  );
  const inputs = [data, starts, ends, axes, ...(steps === undefined ? [] : [steps])];
  return { value: rebuild(node.attrs, inputs), map };
}
