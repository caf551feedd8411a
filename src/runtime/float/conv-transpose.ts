import type { NumberArray } from '../../ir/dtype.js';
import type { Node } from '../../ir/graph.js';
import { convTranspose, convTransposeFacts, transposeAxes } from '../../ir/ops/conv-transpose.js';
import type { Operator } from '../../ir/ops/operator.js';
import type { AxisWindow } from '../../ir/ops/window.js';
import type { Arena, Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats, scratchLike } from './buffers.js';
import { fillChannels } from './conv.js';
import { planned, type Inputs } from './plan.js';
import { copyIntoPadded, offsets, planPlane, threeAxes, type Plane } from './planes.js';
import { multiply } from './product.js';
import { checked, present, resolveDims } from './resolve.js';

/** The results along one axis that lie a whole number of strides apart: they see the data through the same taps. */
interface Phase {
  /** First result and how many there are. */
  readonly first: number;
  readonly count: number;
  /** Taps that reach the data, and the index (which may lie outside) of the datum the first result sees through each. */
  readonly taps: readonly number[];
  readonly data: readonly number[];
}

/** A phase on every axis: an ordinary convolution of stride 1 whose results are spread over the output. */
interface PhaseProduct {
  /** Where its weights begin among those of a group. */
  readonly weights: number;
  /** Offsets of its taps in the kernel, and of the data they see in the padded plane. */
  readonly taps: Int32Array;
  readonly inner: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** How one transposed convolution is executed; see `planTransposed`. */
export interface ConvTransposePlan {
  readonly dims: readonly number[];
  readonly batch: number;
  readonly group: number;
  /** Channels and filters of one group. */
  readonly channels: number;
  readonly filters: number;
  readonly kernelSize: number;
  readonly outputSize: number;
  readonly plane: Plane;
  readonly phases: readonly PhaseProduct[];
}

/** Result o sees datum i through tap k when o + padBegin = i · stride + k · dilation. */
function phasesOf({ input, kernel, stride, dilation, padBegin, output }: AxisWindow): Phase[] {
  return Array.from({ length: Math.min(stride, output) }, (_, first) => {
    const count = Math.ceil((output - first) / stride);
    const taps: number[] = [];
    const data: number[] = [];
    for (let k = 0; k < kernel; k++) {
      const index = (first + padBegin - k * dilation) / stride;
      if (!Number.isInteger(index) || index >= input || index + count <= 0) continue;
      taps.push(k);
      data.push(index);
    }
    return { first, count, taps, data };
  });
}

/** How far the results see beyond the data, before and after. */
function overhang(phases: readonly Phase[], input: number): { readonly before: number; readonly after: number } {
  let before = 0;
  let after = 0;
  for (const { count, data } of phases) {
    for (const index of data) {
      before = Math.max(before, -index);
      after = Math.max(after, index + count - input);
    }
  }
  return { before, after };
}

/** Every sum of one term of each list, in row-major order. */
function sums(zs: readonly number[], ys: readonly number[], xs: readonly number[]): Int32Array {
  return Int32Array.from(zs.flatMap((z) => ys.flatMap((y) => xs.map((x) => z + y + x))));
}

const scaled = (values: readonly number[], factor: number, shift = 0): number[] =>
  values.map((value) => (value + shift) * factor);

/** Plans of the nodes of one operator with the attributes of ConvTranspose. */
export const planTransposed = (spec: Operator): ((node: Node, inputs: Inputs) => ConvTransposePlan) =>
  planned((node, inputs): ConvTransposePlan => {
    const [dims = []] = resolveDims(spec, node, inputs);
    const x = present(inputs, 0).dims;
    const w = present(inputs, 1).dims;
    const facts = checked(() => convTransposeFacts(node, x, w));
    const axes = threeAxes(checked(() => transposeAxes(node, facts, x.slice(2), w.slice(2))));
    const [z, y, xs] = axes;
    const along = axes.map(phasesOf);
    const [pz = [], py = [], px = []] = along;
    const [oz, oy, ox] = [overhang(pz, z.input), overhang(py, y.input), overhang(px, xs.input)];
    const plane = planPlane(
      [z.input, y.input, xs.input],
      [oz.before, oy.before, ox.before],
      [oz.after, oy.after, ox.after],
    );
    const row = plane.padded[2];
    const slice = plane.padded[1] * row;
    const kernelRow = xs.kernel;
    const kernelSlice = y.kernel * kernelRow;
    const outputRow = xs.output;
    const outputSlice = y.output * outputRow;
    const channels = w[0]! / facts.group;
    const filters = w[1]!;
    const phases: PhaseProduct[] = [];
    let weights = 0;
    for (const a of pz) {
      for (const b of py) {
        for (const c of px) {
          const seen = sums(
            scaled(a.data, slice, oz.before),
            scaled(b.data, row, oy.before),
            scaled(c.data, 1, ox.before),
          );
          if (seen.length === 0) continue;
          const inner = new Int32Array(channels * seen.length);
          for (let i = 0; i < inner.length; i++) {
            inner[i] = seen[i % seen.length]! + Math.floor(i / seen.length) * plane.paddedSize;
          }
          const counts = [a.count, b.count, c.count] as const;
          phases.push({
            weights,
            taps: sums(scaled(a.taps, kernelSlice), scaled(b.taps, kernelRow), c.taps),
            inner,
            from: offsets(counts, [slice, row, 1]),
            to: offsets(
              counts,
              [z.stride * outputSlice, y.stride * outputRow, xs.stride],
              a.first * outputSlice + b.first * outputRow + c.first,
            ),
          });
          weights += filters * inner.length;
        }
      }
    }
    return {
      dims,
      batch: x[0]!,
      group: facts.group,
      channels,
      filters,
      kernelSize: z.kernel * kernelSlice,
      outputSize: z.output * outputSlice,
      plane,
      phases,
    };
  });

/** Writes the weights [channels, filters, kernel] of a group as the rows [filters, channels · taps] of each phase. */
function gatherWeights(
  { channels, filters, kernelSize, phases }: ConvTransposePlan,
  w: NumberArray,
  from: number,
  target: NumberArray,
): void {
  let write = 0;
  for (const { taps } of phases) {
    for (let m = 0; m < filters; m++) {
      for (let c = 0; c < channels; c++) {
        const read = from + (c * filters + m) * kernelSize;
        for (const tap of taps) target[write++] = w[read + tap]!;
      }
    }
  }
}

/** Adds the transposed convolution of x with w to y; exact for integers in Float32Arrays with y an Int32Array. */
export function convolveTransposed(
  plan: ConvTransposePlan,
  x: NumberArray,
  w: NumberArray,
  y: NumberArray,
  arena: Arena,
): void {
  const { batch, group, channels, filters, kernelSize, outputSize, plane, phases } = plan;
  const paddedSize = plane.hasPadding ? channels * plane.paddedSize : 0;
  const b = plane.hasPadding ? scratchLike(x, paddedSize, arena) : x;
  if (plane.hasPadding) b.fill(0, 0, paddedSize);
  const a = scratchLike(w, channels * filters * kernelSize, arena);
  const products = phases.map(({ weights, inner, from, to }) => ({
    weights,
    product: { rows: filters, a, aRow: inner.length, b, inner, from, y, yRow: outputSize, to },
  }));
  for (let g = 0; g < group; g++) {
    gatherWeights(plan, w, g * channels * filters * kernelSize, a);
    for (let n = 0; n < batch; n++) {
      const data = (n * group + g) * channels * plane.size;
      if (plane.hasPadding) copyIntoPadded(plane, channels, x, data, b, 0);
      for (const { weights, product } of products) {
        multiply(product, weights, plane.hasPadding ? 0 : data, (n * group + g) * filters * outputSize);
      }
    }
  }
}

const planConvTranspose = planTransposed(convTranspose);

const kernel: Kernel = (node, inputs, arena) => {
  const plan = planConvTranspose(node, inputs);
  const x = present(inputs, 0);
  const y = arena.tensor(x.dtype, plan.dims);
  const bias = inputs[2] && numbersOf(inputs[2]);
  fillChannels(numbersOf(y), bias, plan.filters * plan.group, plan.outputSize);
  convolveTransposed(plan, numbersOf(x), numbersOf(present(inputs, 1)), numbersOf(y), arena);
  roundShortFloats(y);
  return [y];
};

export const CONV_TRANSPOSE_KERNELS: readonly (readonly [string, Kernel])[] = [['ConvTranspose', kernel]];
