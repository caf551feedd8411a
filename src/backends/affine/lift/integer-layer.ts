import { Attributes } from '../../../ir/attributes.js';
import type { Node, Value } from '../../../ir/graph.js';
import { AFFINE_TYPES } from '../../../ir/ops/affine/operands.js';
import type { Tensor } from '../../../ir/tensor.js';
import { decline, type Decline } from '../../../passes/rule.js';
import { constantTensor } from './evaluate.js';
import { isPerChannel, type Layer } from './layer.js';

/**
 * Mul(Cast(Add(ConvInteger | MatMulInteger, bias)), scale) with constant bias, if any, and scale: the sums that ONNX
 * Runtime and its QGemm take in integers. Undefined for anything else; a scale that is computed keeps the layer as it is.
 */
export function integerLayer(mul: Node): Layer | Decline | undefined {
  const scaled = operands(mul);
  const cast = scaled?.computed.producer;
  if (scaled === undefined || cast?.op !== 'Cast' || cast.domain !== '') return undefined;
  const [sums] = cast.inputs;
  if (sums?.type.dtype !== 'int32' || sums.producer?.domain !== '') return undefined;
  const added = sums.producer.op === 'Add' ? operands(sums.producer) : undefined;
  const product = added === undefined ? sums.producer : added.computed.producer;
  if (product?.domain !== '' || !PRODUCTS.has(product.op)) return undefined;
  const op = product.op === 'ConvInteger' ? 'Conv' : 'MatMul';
  const [x, w, xZeroValue, wZeroValue] = product.inputs;
  if (x === undefined || w === undefined || ![x, w].every(({ type }) => AFFINE_TYPES.includes(type.dtype))) {
    return undefined;
  }
  if ([x, w].some(({ type }) => type.shape.length < 2)) return decline('an operand is no matrix', product);
  const [xZero, wZeros] = [zerosOf(xZeroValue), zerosOf(wZeroValue)];
  if (xZero === undefined || wZeros === undefined) return decline('a zero point is computed', product);
  const rank = product.outputs[0]?.type.shape.length ?? 0;
  const { constant } = scaled;
  if (xZero.length !== 1 || (wZeroValue?.type.shape.length ?? 0) > 1)
    return decline('a row has its own zero point', product);
  if (constant.rank > rank || !isPerChannel(constant.dims, op, rank))
    return decline('the scale is not that of channels', mul);
  const units = constant.toNumbers();
  if (!units.every((unit) => unit > 0 && Number.isFinite(unit))) return decline('a scale is not positive', mul);
  const addend = added?.constant;
  return {
    node: product,
    nodes: [product, ...(added === undefined ? [] : [sums.producer]), cast, mul],
    op,
    attrs: op === 'MatMul' ? Attributes.none : product.attrs,
    x,
    xZero: xZero[0] ?? 0,
    w,
    wZeros,
    units,
    bias: addend && { dims: addend.dims, values: addend.toNumbers(), scales: units, quantised: true },
    transposed: [],
  };
}

const PRODUCTS: ReadonlySet<string> = new Set(['ConvInteger', 'MatMulInteger']);

/** The constant operand of a commutative node and the other one. */
function operands({
  op,
  domain,
  inputs: [a, b],
}: Node): { readonly computed: Value; readonly constant: Tensor } | undefined {
  if (domain !== '' || (op !== 'Mul' && op !== 'Add') || a === undefined || b === undefined) return undefined;
  const right = constantTensor(b);
  if (right !== undefined) return { computed: a, constant: right };
  const left = constantTensor(a);
  return left && { computed: b, constant: left };
}

/** The elements of a constant zero point, 0 where it is left out. */
const zerosOf = (value: Value | undefined): readonly number[] | undefined =>
  value === undefined ? [0] : constantTensor(value)?.toNumbers();
