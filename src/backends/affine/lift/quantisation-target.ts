import { integerRange, type DType } from '../../../ir/dtype.js';
import type { Node, Value } from '../../../ir/graph.js';
import { AFFINE_TYPES } from '../../../ir/ops/affine/operands.js';
import { Tensor } from '../../../ir/tensor.js';
import { decline, type Builder, type Decline, type ResultOptions } from '../../../passes/rule.js';
import { roundHalfEven } from '../../../runtime/float/floats.js';
import { constantTensor } from './evaluate.js';
import { parametersOf, quantisationOf, type Scalar } from './quantised-tensor.js';

/** What a QuantizeLinear makes of a real number: round(x / scale) + zero, in lo … hi. */
export interface Target extends Scalar {
  readonly dtype: DType;
  readonly lo: number;
  readonly hi: number;
}

/** The real numbers that are quantised, before the Relu and Clip that only bound the integers. */
export interface QuantisedResult {
  readonly target: Target;
  readonly source: Value;
  /** The Relu and Clip nodes. */
  readonly nodes: readonly Node[];
}

/** The target of a QuantizeLinear node with one scale. */
export function targetOf(node: Node): Target | Decline {
  const [x] = node.inputs;
  const [y] = node.outputs;
  if (x?.type.dtype !== 'float32' || y === undefined) return decline('what is quantised is no float32', node);
  const precision = node.attrs.int('precision', 0);
  if (precision > 1) return decline('the quotient has another precision than float32', node);
  const parameters = parametersOf(node, x.type.shape.length);
  if ('declined' in parameters) return { ...parameters, node };
  if (parameters.axis !== undefined) return decline('the result has several scales', node);
  const { dtype } = y.type;
  if (!AFFINE_TYPES.includes(dtype)) return decline(`the result is ${dtype}`, node);
  return { dtype, scale: parameters.scales[0] ?? 1, zero: parameters.zeros[0] ?? 0, ...integerRange(dtype) };
}

/**
 * Reads Relu and Clip back from a QuantizeLinear: as quantising is monotone, what bounds the real numbers bounds the
 * integers by its own quantised bounds.
 */
export function quantisedResult(node: Node): QuantisedResult | Decline {
  let target = targetOf(node);
  if ('declined' in target) return target;
  const nodes: Node[] = [];
  let [source] = node.inputs;
  if (source === undefined) return decline('nothing is quantised', node);
  for (let clip = source.producer; clip !== undefined && isClip(clip); clip = source.producer) {
    const bounds = boundsOf(clip);
    const [inner] = clip.inputs;
    if (bounds === undefined || inner === undefined) return decline('the bounds are not constant', clip);
    target = within(target, integerOf(bounds.lo, target), integerOf(bounds.hi, target));
    nodes.push(clip);
    source = inner;
  }
  return { target, source, nodes };
}

const isClip = ({ op, domain }: Node): boolean => domain === '' && (op === 'Relu' || op === 'Clip');

function boundsOf({ op, inputs: [, min, max] }: Node): { readonly lo: number; readonly hi: number } | undefined {
  const lo = op === 'Relu' ? 0 : min === undefined ? -Infinity : constantTensor(min)?.toNumbers()[0];
  const hi = max === undefined ? Infinity : constantTensor(max)?.toNumbers()[0];
  return lo === undefined || hi === undefined || Number.isNaN(lo) || Number.isNaN(hi) ? undefined : { lo, hi };
}

/** QuantizeLinear of one number, whose quotient rounds to float32 first. */
export function integerOf(real: number, { scale, zero, dtype }: Target): number {
  const { lo, hi } = integerRange(dtype);
  return Math.min(Math.max(roundHalfEven(Math.fround(Math.fround(real) / scale)) + zero, lo), hi);
}

/** min(max(x, lo), hi) before the bounds of the target, as one pair of bounds. */
function within(target: Target, lo: number, hi: number): Target {
  const outer = (x: number): number => Math.min(Math.max(x, target.lo), target.hi);
  return { ...target, lo: outer(Math.min(lo, hi)), hi: outer(hi) };
}

/** The bounds as attributes, where they are narrower than the type. */
export function boundAttributes({ dtype, lo, hi }: Target): { readonly lo?: number; readonly hi?: number } {
  const range = integerRange(dtype);
  return { ...(lo > range.lo && { lo }), ...(hi < range.hi && { hi }) };
}

/** The zero point as a constant of its type. */
export const zeroConstant = (to: Builder, { dtype, zero }: { readonly dtype: DType; readonly zero: number }): Value =>
  to.constant(scalar(dtype, zero), 'zero_point');

/** A float64 constant: one number when all are equal, else a list that `dims` shape. */
export function multiplierConstant(to: Builder, values: readonly number[], dims: readonly number[] = []): Value {
  const [first = 1] = values;
  const isOne = values.every((value) => value === first);
  return to.constant(
    new Tensor('float64', isOne ? [] : dims, Float64Array.from(isOne ? [first] : values)),
    'multiplier',
  );
}

export function scalar(dtype: DType, value: number): Tensor {
  const result = Tensor.zeros(dtype, []);
  result.data[0] = value;
  return result;
}

/** A quantised result takes over the label of the QuantizeLinear it stands for. */
export const resultOf = (target: Target): ResultOptions => ({
  heir: true,
  quantisation: quantisationOf(target.dtype, target),
});
