import type { NumberArray, TypedArray } from '../../ir/dtype.js';
import type { Node } from '../../ir/graph.js';
import { matMul, matMulInteger } from '../../ir/ops/matmul.js';
import type { Operator } from '../../ir/ops/operator.js';
import { broadcastShapes, sizeOf } from '../../ir/shape.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Arena, Kernel } from '../kernel.js';
import { broadcastOffsets } from './grid-offsets.js';
import { numbersOf, roundShortFloats, wideOf } from './buffers.js';
import { multiplyInt32, multiplyInt64 } from './integer-product.js';
import { planned, type Inputs } from './plan.js';
import { multiply, type Product } from './product.js';
import { present, resolveDims } from './resolve.js';

/** How the products of two tensors of matrices are executed. */
export interface MatMulPlan {
  readonly dims: readonly number[];
  /** Rows of one product; all rows of the left side when the right side is a single matrix. */
  readonly rows: number;
  readonly depth: number;
  readonly inner: Int32Array;
  readonly columns: Int32Array;
  /** Where the factors of each product begin. */
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** 0, step, 2 · step, … */
export function multiples(count: number, step: number): Int32Array {
  const table = new Int32Array(count);
  for (let i = 0; i < count; i++) table[i] = i * step;
  return table;
}

/** Plans of the nodes of one operator with the operands of MatMul. */
export const planProducts = (spec: Operator): ((node: Node, inputs: Inputs) => MatMulPlan) =>
  planned((node, inputs) => {
    const [dims = []] = resolveDims(spec, node, inputs);
    const left = present(inputs, 0).dims;
    const right = present(inputs, 1).dims;
    const a = left.length === 1 ? [1, ...left] : left;
    const b = right.length === 1 ? [...right, 1] : right;
    const [depth = 1, columns = 1] = b.slice(-2);
    const rows = a.at(-2)!;
    const [aBatch, bBatch] = [a.slice(0, -2), b.slice(0, -2)];
    const tables = { dims, depth, inner: multiples(depth, columns), columns: multiples(columns, 1) };
    if (sizeOf(bBatch) === 1) {
      return { ...tables, rows: rows * sizeOf(aBatch), a: new Int32Array(1), b: new Int32Array(1) };
    }
    const batch = (broadcastShapes(aBatch, bBatch) ?? []).map(Number);
    return {
      ...tables,
      rows,
      a: broadcastOffsets(aBatch, batch).map((matrix) => matrix * rows * depth),
      b: broadcastOffsets(bBatch, batch).map((matrix) => matrix * depth * columns),
    };
  });

/** Adds the products to y. */
export function matMulInto<T extends TypedArray>(
  plan: MatMulPlan,
  a: T,
  b: T,
  y: T,
  times: (product: Product<T>, aBase: number, bBase: number, yBase: number) => void,
): void {
  const { rows, depth, inner, columns } = plan;
  const width = columns.length;
  const product = { rows, a, aRow: depth, b, inner, from: columns, y, yRow: width, to: columns };
  for (let i = 0; i < plan.a.length; i++) times(product, plan.a[i]!, plan.b[i]!, i * rows * width);
}

const planMatMul = planProducts(matMul);

const matMulKernel: Kernel = (node, inputs, arena) => {
  const plan = planMatMul(node, inputs);
  const a = present(inputs, 0);
  const b = present(inputs, 1);
  const y = arena.tensor(a.dtype, plan.dims);
  if (a.dtype === 'int64' || a.dtype === 'uint64') {
    matMulInto(plan, wideOf(a), wideOf(b), wideOf(y).fill(0n), multiplyInt64);
    return [y];
  }
  const numbers = numbersOf(y).fill(0);
  const times = a.dtype === 'int32' || a.dtype === 'uint32' ? multiplyInt32 : multiply;
  matMulInto<NumberArray>(plan, numbersOf(a), numbersOf(b), numbers, times);
  roundShortFloats(y);
  return [y];
};

const planMatMulInteger = planProducts(matMulInteger);

/** Rows of `width` elements less their zero point, of which there is one, one a row of a matrix, or one a row at all. */
function centreRows(data: NumberArray, width: number, zeroPoint: NumberArray, target: NumberArray): void {
  for (let i = 0; i < data.length; i++) target[i] = data[i]! - zeroPoint[Math.floor(i / width) % zeroPoint.length]!;
}

/** Matrices of `depth` rows less the zero point of each column, of which there is one, one a column, or one a column of each. */
function centreColumns(
  data: NumberArray,
  depth: number,
  width: number,
  zeroPoint: NumberArray,
  target: NumberArray,
): void {
  for (let i = 0; i < data.length; i++) {
    const matrix = Math.floor(i / (depth * width));
    target[i] = data[i]! - zeroPoint[(matrix * width + (i % width)) % zeroPoint.length]!;
  }
}

const NONE = new Float32Array(1);

/**
 * The int32 sums of MatMulInteger over both operands and their zero points. Bytes less their zero points are exact in
 * float32, their products and sums in float64.
 */
export function multiplyIntegers(node: Node, inputs: Inputs, arena: Arena): Tensor<'int32'> {
  const plan = planMatMulInteger(node, inputs);
  const a = numbersOf(present(inputs, 0));
  const b = numbersOf(present(inputs, 1));
  const y = arena.tensor('int32', plan.dims);
  const [left, right] = [arena.scratch(a.length), arena.scratch(b.length)];
  const { depth } = plan;
  centreRows(a, depth, inputs[2] === undefined ? NONE : numbersOf(inputs[2]), left);
  centreColumns(b, depth, plan.columns.length, inputs[3] === undefined ? NONE : numbersOf(inputs[3]), right);
  y.data.fill(0);
  matMulInto<NumberArray>(plan, left, right, y.data, multiply);
  return y;
}

const matMulIntegerKernel: Kernel = (node, inputs, arena) => [multiplyIntegers(node, inputs, arena)];

export const MATMUL_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['MatMul', matMulKernel],
  ['MatMulInteger', matMulIntegerKernel],
];
