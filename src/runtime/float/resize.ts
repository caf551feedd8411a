import type { NumberArray } from '../../ir/dtype.js';
import { resize, resizePlan, type AxisResize } from '../../ir/ops/resize.js';
import { numberData, Tensor } from '../../ir/tensor.js';
import type { Arena, Kernel } from '../kernel.js';
import type { Node } from '../../ir/graph.js';
import { gatherByMaps } from './axis-maps.js';
import { checked, concreteCall, present, resolveDims } from './resolve.js';
import { interpolationTaps, nearestMap, type AxisTaps } from './resize-taps.js';
import { storeNumbers } from './store.js';
import { fillWords, wordsOf, wordsPer } from './words.js';

const isUntouched = (dim: number, { size, scale, roi }: AxisResize): boolean =>
  size === dim && scale === 1 && roi[0] === 0 && roi[1] === 1;

function nearest(node: Node, data: Tensor, plan: readonly AxisResize[], result: Tensor): void {
  const maps = plan.map((axis, i) =>
    isUntouched(data.dims[i]!, axis) ? undefined : nearestMap(node.attrs, data.dims[i]!, axis),
  );
  const target = wordsOf(result);
  if (maps.some((map) => map?.includes(-1))) {
    const element = Tensor.zeros(data.dtype, []);
    storeNumbers([node.attrs.float('extrapolation_value', 0)], element);
    fillWords(target, wordsOf(element));
  }
  const per = wordsPer(data.dtype);
  gatherByMaps(wordsOf(data), per === 1 ? data.dims : [...data.dims, per], maps, target);
}

/** Interpolates one axis after the other in float64, rounding once at the end; first those that shrink most. */
function interpolate(node: Node, data: Tensor, plan: readonly AxisResize[], result: Tensor): void {
  const dims = [...data.dims];
  const beyond = node.attrs.float('extrapolation_value', 0);
  let values: NumberArray = numberData(data) ?? Float64Array.from(data.data as BigInt64Array, Number);
  const growth = ([i, { size }]: readonly [number, AxisResize]): number => size / data.dims[i]!;
  for (const [i, axis] of [...plan.entries()].sort((a, b) => growth(a) - growth(b))) {
    const size = dims[i]!;
    if (isUntouched(size, axis)) continue;
    const taps = interpolationTaps(node.attrs, size, axis);
    let outer = 1;
    let inner = 1;
    for (let a = 0; a < i; a++) outer *= dims[a]!;
    for (let a = i + 1; a < dims.length; a++) inner *= dims[a]!;
    const next = new Float64Array(outer * axis.size * inner);
    interpolateAxis(values, outer, size, inner, taps, beyond, next);
    dims[i] = axis.size;
    values = next;
  }
  storeNumbers(values, result);
}

function interpolateAxis(
  source: NumberArray,
  outer: number,
  size: number,
  inner: number,
  taps: AxisTaps,
  beyond: number,
  target: Float64Array,
): void {
  if (inner === 1) {
    interpolateRows(source, outer, size, taps, beyond, target);
    return;
  }
  const { count, index, weight, outside } = taps;
  const length = outside.length;
  for (let o = 0; o < outer; o++) {
    for (let x = 0; x < length; x++) {
      const to = (o * length + x) * inner;
      if (outside[x] === 1) {
        target.fill(beyond, to, to + inner);
        continue;
      }
      for (let tap = 0; tap < count; tap++) {
        const share = weight[x * count + tap]!;
        // Skipped rather than multiplied, so that an infinity outside the reach of the kernel stays out of it.
        if (share === 0) continue;
        const from = (o * size + index[x * count + tap]!) * inner;
        for (let j = 0; j < inner; j++) target[to + j]! += share * source[from + j]!;
      }
    }
  }
}

/** The last axis, where every result is a sum of its own. */
function interpolateRows(
  source: NumberArray,
  outer: number,
  size: number,
  { count, index, weight, outside }: AxisTaps,
  beyond: number,
  target: Float64Array,
): void {
  const length = outside.length;
  for (let o = 0, to = 0; o < outer; o++) {
    for (let x = 0; x < length; x++, to++) {
      if (outside[x] === 1) {
        target[to] = beyond;
        continue;
      }
      let sum = 0;
      for (let tap = x * count; tap < (x + 1) * count; tap++) {
        if (weight[tap] !== 0) sum += weight[tap]! * source[o * size + index[tap]!]!;
      }
      target[to] = sum;
    }
  }
}

const resizeKernel: Kernel = (node, inputs, arena: Arena) => {
  const data = present(inputs, 0);
  const [dims] = resolveDims(resize, node, inputs);
  const plan = checked(() => resizePlan(concreteCall(node, inputs))) as readonly AxisResize[];
  if (plan.every((axis, i) => isUntouched(data.dims[i]!, axis))) return [data];
  const result = arena.tensor(data.dtype, dims!);
  if (result.size === 0) return [result];
  if (node.attrs.string('mode', 'nearest') === 'nearest') nearest(node, data, plan, result);
  else interpolate(node, data, plan, result);
  return [result];
};

/** Kernels that resample. */
export const RESIZE_KERNELS: readonly (readonly [string, Kernel])[] = [['Resize', resizeKernel]];
