import { isFloat, type NumberArray, type TypedArray } from '../../ir/dtype.js';
import { gemm } from '../../ir/ops/matmul.js';
import type { Arena, Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats, scratchLike, wideOf } from './buffers.js';
import { multiples } from './matmul.js';
import { planned } from './plan.js';
import { multiply } from './product.js';
import { present, resolveDims } from './resolve.js';

interface GemmPlan {
  readonly dims: readonly number[];
  readonly rows: number;
  readonly depth: number;
  readonly transA: boolean;
  readonly alpha: number;
  readonly beta: number;
  readonly inner: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Steps of the addend from row to row and from column to column; 0 where it broadcasts. */
  readonly addendRow: number;
  readonly addendColumn: number;
}

const planGemm = planned((node, inputs): GemmPlan => {
  const { attrs } = node;
  const [dims = []] = resolveDims(gemm, node, inputs);
  const [rows = 1, columns = 1] = dims;
  const transA = attrs.int('transA', 0) !== 0;
  const transB = attrs.int('transB', 0) !== 0;
  const depth = present(inputs, 0).dims[transA ? 0 : 1]!;
  const c = inputs[2]?.dims ?? [];
  const [height = 1, width = 1] = [c.at(-2), c.at(-1)];
  return {
    dims,
    rows,
    depth,
    transA,
    alpha: attrs.float('alpha', 1),
    beta: attrs.float('beta', 1),
    inner: multiples(depth, transB ? 1 : columns),
    from: multiples(columns, transB ? depth : 1),
    to: multiples(columns, 1),
    addendRow: height === 1 ? 0 : width,
    addendColumn: width === 1 ? 0 : 1,
  };
});

/** A [depth, rows] matrix as [rows, depth]. */
function transpose(a: NumberArray, rows: number, depth: number, target: NumberArray): NumberArray {
  for (let r = 0; r < rows; r++) for (let k = 0; k < depth; k++) target[r * depth + k] = a[k * rows + r]!;
  return target;
}

/** y = alpha · y + beta · addend, where the addend broadcasts. */
function addTo(plan: GemmPlan, y: NumberArray, alpha: number, addend: NumberArray | undefined): void {
  const { rows, to, beta, addendRow, addendColumn } = plan;
  let at = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < to.length; c++, at++) {
      const added = addend === undefined ? 0 : beta * addend[r * addendRow + c * addendColumn]!;
      y[at] = alpha * y[at]! + added;
    }
  }
}

type Elements<T extends TypedArray> = readonly [a: T, b: T, addend: T | undefined, y: T];

function gemmFloats(plan: GemmPlan, [a, b, addend, y]: Elements<NumberArray>, arena: Arena): void {
  const { rows, depth, transA, alpha, inner, from, to } = plan;
  const left = transA ? transpose(a, rows, depth, scratchLike(a, a.length, arena)) : a;
  y.fill(0);
  if (alpha === 1 && addend !== undefined) addTo(plan, y, 1, addend);
  multiply({ rows, a: left, aRow: depth, b, inner, from, y, yRow: to.length, to }, 0, 0, 0);
  if (alpha !== 1) addTo(plan, y, alpha, addend);
}

/** Modulo 2^32. */
function gemmInt32(plan: GemmPlan, [a, b, addend, y]: Elements<NumberArray>): void {
  const { rows, transA, depth, inner, from, addendRow, addendColumn } = plan;
  const [rowStep, step] = transA ? [1, rows] : [depth, 1];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < from.length; c++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum = (sum + Math.imul(a[r * rowStep + k * step]!, b[inner[k]! + from[c]!]!)) | 0;
      const added = addend === undefined ? 0 : addend[r * addendRow + c * addendColumn]!;
      y[r * from.length + c] = (Math.imul(plan.alpha, sum) + Math.imul(plan.beta, added)) | 0;
    }
  }
}

type Wide = BigInt64Array | BigUint64Array;

/** Modulo 2^64. */
function gemmInt64(plan: GemmPlan, [a, b, addend, y]: Elements<Wide>): void {
  const { rows, transA, depth, inner, from, addendRow, addendColumn } = plan;
  const [rowStep, step] = transA ? [1, rows] : [depth, 1];
  const [alpha, beta] = [BigInt(plan.alpha), BigInt(plan.beta)];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < from.length; c++) {
      let sum = 0n;
      for (let k = 0; k < depth; k++) sum += a[r * rowStep + k * step]! * b[inner[k]! + from[c]!]!;
      const added = addend === undefined ? 0n : addend[r * addendRow + c * addendColumn]!;
      y[r * from.length + c] = alpha * sum + beta * added;
    }
  }
}

const kernel: Kernel = (node, inputs, arena) => {
  const plan = planGemm(node, inputs);
  const [a, b, c] = [present(inputs, 0), present(inputs, 1), inputs[2]];
  const y = arena.tensor(a.dtype, plan.dims);
  if (a.dtype === 'int64' || a.dtype === 'uint64') {
    gemmInt64(plan, [wideOf(a), wideOf(b), c && wideOf(c), wideOf(y)]);
    return [y];
  }
  const elements = [numbersOf(a), numbersOf(b), c && numbersOf(c), numbersOf(y)] as const;
  if (isFloat(a.dtype)) gemmFloats(plan, elements, arena);
  else gemmInt32(plan, elements);
  roundShortFloats(y);
  return [y];
};

export const GEMM_KERNELS: readonly (readonly [string, Kernel])[] = [['Gemm', kernel]];
