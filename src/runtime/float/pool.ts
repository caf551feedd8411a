import { integerRange, isFloat, type DType, type NumberArray } from '../../ir/dtype.js';
import type { Node } from '../../ir/graph.js';
import type { Operator } from '../../ir/ops/operator.js';
import { averagePool, lpPool, maxPool, poolFacts } from '../../ir/ops/pool.js';
import { slideAxes, type AxisWindow } from '../../ir/ops/window.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Arena, Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats, scratchLike } from './buffers.js';
import { planned, type Inputs } from './plan.js';
import { copyIntoPadded, planWindows, threeAxes, type WindowPlan } from './planes.js';
import { checked, present, resolveDims } from './resolve.js';

/** How one pool is executed. */
export interface PoolPlan {
  readonly dims: readonly number[];
  readonly axes: readonly [AxisWindow, AxisWindow, AxisWindow];
  readonly window: WindowPlan;
  /** How many elements each window counts. */
  readonly counts: Float64Array;
}

/** How many taps of each window along an axis lie within the data, or within the data and their declared padding. */
export function tapsWithin(
  { input, kernel, stride, dilation, padBegin, output }: AxisWindow,
  padEnd: number,
  padded: boolean,
): number[] {
  const low = padded ? -padBegin : 0;
  const high = padded ? input + padEnd : input;
  return Array.from({ length: output }, (_, o) => {
    let count = 0;
    for (let k = 0; k < kernel; k++) {
      const index = o * stride - padBegin + k * dilation;
      if (index >= low && index < high) count++;
    }
    return count;
  });
}

/** Plans of the nodes of one operator with the attributes of a pool. */
export const planPool = (spec: Operator): ((node: Node, inputs: Inputs) => PoolPlan) =>
  planned((node, inputs) => {
    const [dims = []] = resolveDims(spec, node, inputs);
    const x = present(inputs, 0).dims;
    const facts = checked(() => poolFacts(node, x));
    const axes = threeAxes(checked(() => slideAxes(node, facts.window, x.slice(2), facts.kernel)));
    const padded = node.attrs.int('count_include_pad', 0) !== 0;
    const [zs = [], ys = [], xs = []] = axes.map((axis) => tapsWithin(axis, axis.padEnd, padded));
    const counts = Float64Array.from(zs.flatMap((a) => ys.flatMap((b) => xs.map((c) => a * b * c))));
    return { dims, axes, window: planWindows(axes), counts };
  });

/** Reduces the windows over the plane at x[from] to y[to] and on. */
type Reduction = (plan: PoolPlan, x: NumberArray, from: number, y: NumberArray, to: number) => void;

/** Runs `reduce` over all planes, each of which is first surrounded by `padding` where windows reach beyond it. */
function pool(plan: PoolPlan, x: Tensor, padding: number, arena: Arena, reduce: Reduction): Tensor {
  const { window, dims } = plan;
  const result = arena.tensor(x.dtype, dims);
  const y = numbersOf(result);
  const data = numbersOf(x);
  const planes = dims[0]! * dims[1]!;
  const padded = window.hasPadding ? scratchLike(data, window.paddedSize, arena) : undefined;
  padded?.fill(padding, 0, window.paddedSize);
  for (let i = 0; i < planes; i++) {
    const from = i * window.size;
    if (padded !== undefined) copyIntoPadded(window, 1, data, from, padded, 0);
    reduce(plan, padded ?? data, padded === undefined ? from : 0, y, i * window.starts.length);
  }
  roundShortFloats(result);
  return result;
}

/**
 * A window that holds a NaN gives NaN, one that holds nothing -Infinity. Four windows at a time, and a place is chosen
 * by its bits instead of a branch, which real data mispredict.
 */
const largest: Reduction = ({ window: { taps, starts } }, x, from, y, to) => {
  const depth = taps.length;
  const last = starts.length - 1;
  const t0 = from + taps[0]!;
  for (let p = 0; p <= last; p += 4) {
    const s0 = starts[p]!;
    const s1 = starts[Math.min(p + 1, last)]!;
    const s2 = starts[Math.min(p + 2, last)]!;
    const s3 = starts[Math.min(p + 3, last)]!;
    let a0 = t0 + s0;
    let a1 = t0 + s1;
    let a2 = t0 + s2;
    let a3 = t0 + s3;
    let b0 = x[a0]!;
    let b1 = x[a1]!;
    let b2 = x[a2]!;
    let b3 = x[a3]!;
    for (let t = 1; t < depth; t++) {
      const offset = from + taps[t]!;
      const v0 = x[offset + s0]!;
      const v1 = x[offset + s1]!;
      const v2 = x[offset + s2]!;
      const v3 = x[offset + s3]!;
      a0 ^= (a0 ^ (offset + s0)) & -(Number(v0 > b0) | Number(v0 !== v0));
      a1 ^= (a1 ^ (offset + s1)) & -(Number(v1 > b1) | Number(v1 !== v1));
      a2 ^= (a2 ^ (offset + s2)) & -(Number(v2 > b2) | Number(v2 !== v2));
      a3 ^= (a3 ^ (offset + s3)) & -(Number(v3 > b3) | Number(v3 !== v3));
      b0 = x[a0]!;
      b1 = x[a1]!;
      b2 = x[a2]!;
      b3 = x[a3]!;
    }
    y[to + p] = b0;
    if (p + 1 <= last) y[to + p + 1] = b1;
    if (p + 2 <= last) y[to + p + 2] = b2;
    if (p + 3 <= last) y[to + p + 3] = b3;
  }
};

/** Sums are taken in float64; a window that counts nothing gives 0. */
const mean: Reduction = ({ window: { taps, starts }, counts }, x, from, y, to) => {
  const depth = taps.length;
  for (let p = 0; p < starts.length; p++) {
    const start = from + starts[p]!;
    let sum = 0;
    for (let t = 0; t < depth; t++) sum += x[start + taps[t]!]!;
    const count = counts[p]!;
    y[to + p] = count === 0 ? 0 : sum / count;
  }
};

const norm =
  (p: number): Reduction =>
  ({ window: { taps, starts } }, x, from, y, to) => {
    const depth = taps.length;
    for (let i = 0; i < starts.length; i++) {
      const start = from + starts[i]!;
      let sum = 0;
      for (let t = 0; t < depth; t++) {
        const magnitude = Math.abs(x[start + taps[t]!]!);
        sum += p === 2 ? magnitude * magnitude : magnitude ** p;
      }
      y[to + i] = p === 2 ? Math.sqrt(sum) : sum ** (1 / p);
    }
  };

/**
 * Largest elements and where the first of each lies, by counting through the windows' coordinates. Positions count
 * through the whole tensor, the spatial axes row-major or with `storage_order` column-major.
 */
function maxWithIndices({ dims, axes }: PoolPlan, x: Tensor, columnMajor: boolean, arena: Arena): readonly Tensor[] {
  const [z, y, w] = axes;
  const size = z.input * y.input * w.input;
  const [zStep, yStep, xStep] = columnMajor ? [1, z.input, z.input * y.input] : [y.input * w.input, w.input, 1];
  const values = arena.tensor(x.dtype, dims);
  const indices = arena.tensor('int64', dims);
  const data = numbersOf(x);
  const result = numbersOf(values);
  const lowest = lowestOf(x.dtype);
  const planes = dims[0]! * dims[1]!;
  let at = 0;
  for (let plane = 0; plane < planes; plane++) {
    const base = plane * size;
    for (let oz = 0; oz < z.output; oz++) {
      for (let oy = 0; oy < y.output; oy++) {
        for (let ox = 0; ox < w.output; ox++) {
          let best = lowest;
          let index = -1;
          for (let kz = 0; kz < z.kernel; kz++) {
            const iz = oz * z.stride - z.padBegin + kz * z.dilation;
            if (iz < 0 || iz >= z.input) continue;
            for (let ky = 0; ky < y.kernel; ky++) {
              const iy = oy * y.stride - y.padBegin + ky * y.dilation;
              if (iy < 0 || iy >= y.input) continue;
              for (let kx = 0; kx < w.kernel; kx++) {
                const ix = ox * w.stride - w.padBegin + kx * w.dilation;
                if (ix < 0 || ix >= w.input) continue;
                const value = data[base + (iz * y.input + iy) * w.input + ix]!;
                if (index >= 0 && value <= best) continue;
                if (index >= 0 && best !== best) continue;
                best = value;
                index = base + iz * zStep + iy * yStep + ix * xStep;
              }
            }
          }
          result[at] = best;
          indices.data[at++] = BigInt(Math.max(index, 0));
        }
      }
    }
  }
  roundShortFloats(values);
  return [values, indices];
}

/** Where padding has this value it is as good as not there. */
const lowestOf = (dtype: DType): number => (isFloat(dtype) ? -Infinity : integerRange(dtype).lo);

const planMaxPool = planPool(maxPool);

const maxPoolKernel: Kernel = (node, inputs, arena) => {
  const plan = planMaxPool(node, inputs);
  const x = present(inputs, 0);
  if (node.outputs.length === 1) return [pool(plan, x, lowestOf(x.dtype), arena, largest)];
  const results = maxWithIndices(plan, x, node.attrs.int('storage_order', 0) === 1, arena);
  return results.slice(0, node.outputs.length);
};

const planAveragePool = planPool(averagePool);
const averagePoolKernel: Kernel = (node, inputs, arena) => [
  pool(planAveragePool(node, inputs), present(inputs, 0), 0, arena, mean),
];

const planLpPool = planPool(lpPool);
const lpPoolKernel: Kernel = (node, inputs, arena) => [
  pool(planLpPool(node, inputs), present(inputs, 0), 0, arena, norm(node.attrs.int('p', 2))),
];

export const POOL_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['MaxPool', maxPoolKernel],
  ['AveragePool', averagePoolKernel],
  ['LpPool', lpPoolKernel],
];
