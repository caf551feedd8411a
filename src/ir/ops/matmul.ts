import type { DType } from '../dtype.js';
import { broadcastShapes, formatShape, type Dim, type Shape } from '../shape.js';
import { checkZeroPointType } from './conv.js';
import { FLOAT_TYPES } from './element-types.js';
import { checkDType } from './elementwise-inference.js';
import { checkInputRank } from './facts.js';
import { operator, OperatorFault, required, type InferenceCall, type Operator } from './operator.js';
import { unifyDims } from './symbolic.js';
import type { NodeFacts } from './window.js';

const PRODUCT_TYPES: readonly DType[] = [...FLOAT_TYPES, 'int32', 'int64', 'uint32', 'uint64'];

function checkInner(node: NodeFacts, a: Shape, b: Shape, left: Dim, right: Dim): void {
  if (unifyDims(left, right) !== undefined) return;
  throw new OperatorFault(
    'shape-mismatch',
    `${node.op} multiplies ${formatShape(a)} by ${formatShape(b)}: the inner sizes ${left} and ${right} differ`,
  );
}

/**
 * The shape of a product as numpy.matmul defines it: lists count as a row on the left and a column on the right, axes
 * before the last two broadcast.
 * @throws OperatorFault when the inner sizes differ or the outer axes do not broadcast.
 */
export function productShape(node: NodeFacts, a: Shape, b: Shape): Dim[] {
  if (a.length === 0 || b.length === 0) {
    throw new OperatorFault(
      'shape-mismatch',
      `${node.op} multiplies ${formatShape(a)} by ${formatShape(b)}: scalars are not accepted`,
    );
  }
  const inner = b.length === 1 ? b[0] : b[b.length - 2];
  checkInner(node, a, b, a[a.length - 1] ?? 1, inner ?? 1);
  const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2));
  if (batch === undefined) {
    throw new OperatorFault(
      'shape-mismatch',
      `${node.op} multiplies ${formatShape(a)} by ${formatShape(b)}: the axes before the last two do not broadcast`,
    );
  }
  return [...batch, ...(a.length === 1 ? [] : a.slice(-2, -1)), ...(b.length === 1 ? [] : b.slice(-1))];
}

/** Matrix product with broadcasting (ONNX MatMul); integers wrap around. */
export const matMul: Operator = operator({
  name: 'MatMul',
  since: 1,
  inputs: [2, 2],
  types: PRODUCT_TYPES,
  infer(call) {
    const { dtype, shape: a } = required(call, 0).type;
    const b = required(call, 1);
    checkDType(call, 1, b, dtype);
    return [{ type: { dtype, shape: productShape(call, a, b.type.shape) } }];
  },
});

const BYTES: readonly DType[] = ['int8', 'uint8'];

/**
 * Checks a zero point of MatMulInteger: a scalar, one a row (column) as a list, or one a row (column) of every matrix.
 */
function checkZeroPoint(call: InferenceCall, index: number, input: number, free: 'rows' | 'columns'): void {
  const zeroPoint = call.inputs[index];
  if (zeroPoint === undefined) return;
  checkZeroPointType(call, index, input);
  const { shape } = zeroPoint.type;
  const of = required(call, input).type.shape;
  const lines = (free === 'rows' ? (of.length === 1 ? 1 : of.at(-2)) : of.length === 1 ? 1 : of.at(-1)) ?? 1;
  if (shape.length === 0) return;
  if (shape.length === 1 && (shape[0] === 1 || unifyDims(shape[0] ?? 1, lines) !== undefined)) return;
  const perMatrix = of.map((dim, axis) => (axis === of.length - (free === 'rows' ? 1 : 2) ? 1 : dim));
  if (shape.length === of.length && shape.every((dim, axis) => unifyDims(dim, perMatrix[axis] ?? 1) !== undefined))
    return;
  throw new OperatorFault(
    'shape-mismatch',
    `the zero point at input ${index} of ${call.op} has shape ${formatShape(shape)}, ` +
      `accepted: scalar, ${lines} or ${formatShape(perMatrix)}`,
  );
}

/** Matrix product of bytes less their zero points, accumulated in int32 (ONNX MatMulInteger). */
export const matMulInteger: Operator = operator({
  name: 'MatMulInteger',
  since: 10,
  inputs: [2, 4],
  optionalInputs: [2],
  types: BYTES,
  infer(call) {
    const a = required(call, 0).type.shape;
    const b = required(call, 1).type;
    if (!BYTES.includes(b.dtype)) {
      throw new OperatorFault('unsupported-type', `input 1 of ${call.op} is ${b.dtype}, accepted: ${BYTES.join(', ')}`);
    }
    checkZeroPoint(call, 2, 0, 'rows');
    checkZeroPoint(call, 3, 1, 'columns');
    return [{ type: { dtype: 'int32', shape: productShape(call, a, b.shape) } }];
  },
});

/**
 * alpha · A' · B' + beta · C for matrices A' and B', transposed on request, and a C that broadcasts to the product
 * (ONNX Gemm). With integers alpha and beta are integers too, and the result wraps around.
 */
export const gemm: Operator = operator({
  name: 'Gemm',
  since: 11,
  inputs: [2, 3],
  attributes: {
    alpha: { kind: 'float' },
    beta: { kind: 'float' },
    transA: { kind: 'int' },
    transB: { kind: 'int' },
  },
  types: PRODUCT_TYPES,
  infer(call) {
    const { attrs } = call;
    const { dtype, shape: a } = required(call, 0).type;
    const b = required(call, 1);
    checkDType(call, 1, b, dtype);
    checkInputRank(call, 0, a, 2);
    checkInputRank(call, 1, b.type.shape, 2);
    const [a0 = 1, a1 = 1] = a;
    const [b0 = 1, b1 = 1] = b.type.shape;
    const [rows, left] = attrs.int('transA', 0) !== 0 ? [a1, a0] : [a0, a1];
    const [right, columns] = attrs.int('transB', 0) !== 0 ? [b1, b0] : [b0, b1];
    checkInner(call, a, b.type.shape, left, right);
    for (const name of FLOAT_TYPES.includes(dtype) ? [] : ['alpha', 'beta']) {
      const factor = attrs.float(name, 1);
      if (Number.isInteger(factor)) continue;
      throw new OperatorFault(
        'invalid-attribute',
        `attribute ${name} of Gemm of ${dtype} is ${factor}, integers are accepted`,
      );
    }
    const shape = [rows, columns];
    const c = call.inputs[2];
    if (c !== undefined) {
      checkDType(call, 2, c, dtype);
      checkBroadcastsTo(call, c.type.shape, shape);
    }
    return [{ type: { dtype, shape } }];
  },
});

function checkBroadcastsTo(node: NodeFacts, c: Shape, product: Shape): void {
  const fits =
    c.length <= 2 &&
    c.every((dim, axis) => dim === 1 || unifyDims(dim, product[axis + 2 - c.length] ?? 1) !== undefined);
  if (fits) return;
  throw new OperatorFault(
    'shape-mismatch',
    `the addend of ${node.op} has shape ${formatShape(c)}, which does not broadcast to the product ${formatShape(product)}`,
  );
}
