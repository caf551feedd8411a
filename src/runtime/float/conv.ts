import type { NumberArray } from '../../ir/dtype.js';
import type { Node } from '../../ir/graph.js';
import { conv, convFacts, convInteger } from '../../ir/ops/conv.js';
import type { Operator } from '../../ir/ops/operator.js';
import { slideAxes } from '../../ir/ops/window.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Arena, Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats, scratchLike } from './buffers.js';
import { inThrees, multiplyRow } from './depthwise.js';
import { planned, type Inputs } from './plan.js';
import { copyIntoPadded, planWindows, threeAxes, type WindowPlan } from './planes.js';
import { isFloat32, multiply, type Product } from './product.js';
import { checked, present, resolveDims } from './resolve.js';

/** Fewer columns than this are joined with those of further samples. */
const ENOUGH_COLUMNS = 32;

/** Samples are not joined beyond this many padded elements. */
const ENOUGH_ELEMENTS = 2 ** 20;

/** How one convolution is executed; see `planConvolution`. */
export interface ConvPlan {
  readonly dims: readonly number[];
  readonly batch: number;
  readonly group: number;
  /** Channels and filters of one group. */
  readonly channels: number;
  readonly filters: number;
  readonly window: WindowPlan;
  /** How many samples one product takes. */
  readonly chunk: number;
  /** See `Product`; B is the data, padded where they need it. */
  readonly inner: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Whether `multiplyRow` can take the products. */
  readonly depthwise: boolean;
}

/** The offsets `table` repeated `count` times, `step` further each time. */
function repeated(table: Int32Array, count: number, step: number): Int32Array {
  const result = new Int32Array(table.length * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < table.length; j++) result[i * table.length + j] = table[j]! + i * step;
  }
  return result;
}

/** Plans of the nodes of one convolution operator with the attributes of Conv. */
export const planConvolution = (spec: Operator): ((node: Node, inputs: Inputs) => ConvPlan) =>
  planned((node, inputs) => {
    const [dims = []] = resolveDims(spec, node, inputs);
    const x = present(inputs, 0).dims;
    const w = present(inputs, 1).dims;
    const facts = checked(() => convFacts(node, x, w));
    const axes = checked(() => slideAxes(node, facts.window, x.slice(2), w.slice(2)));
    const window = planWindows(threeAxes(axes));
    const { group } = facts;
    const batch = x[0]!;
    const channels = w[1]!;
    const filters = w[0]! / group;
    const planeSize = window.hasPadding ? window.paddedSize : window.size;
    const sampleSize = (window.hasPadding ? channels : channels * group) * planeSize;
    const columns = window.starts.length;
    const wanted = Math.min(Math.ceil(ENOUGH_COLUMNS / columns), Math.floor(ENOUGH_ELEMENTS / sampleSize));
    const chunk = Math.max(1, Math.min(batch, wanted));
    const places = Int32Array.from({ length: columns }, (_, p) => p);
    const inner = repeated(window.taps, channels, planeSize);
    return {
      dims,
      batch,
      group,
      channels,
      filters,
      window,
      chunk,
      inner,
      from: repeated(window.starts, chunk, sampleSize),
      to: repeated(places, chunk, filters * group * columns),
      depthwise: filters === 1 && inThrees(inner),
    };
  });

/** Adds the convolution of x with w to y; exact for integers in Float32Arrays with y an Int32Array. */
export function convolve(plan: ConvPlan, x: NumberArray, w: NumberArray, y: NumberArray, arena: Arena): void {
  const { batch, group, channels, filters, window, chunk, inner } = plan;
  const columns = window.starts.length;
  const paddedSample = channels * window.paddedSize;
  const b = window.hasPadding ? scratchLike(x, chunk * paddedSample, arena) : x;
  if (window.hasPadding) b.fill(0, 0, chunk * paddedSample);
  for (let first = 0; first < batch; first += chunk) {
    const samples = Math.min(chunk, batch - first);
    const product: Product = {
      rows: filters,
      a: w,
      aRow: inner.length,
      b,
      inner,
      from: samples === chunk ? plan.from : plan.from.subarray(0, samples * columns),
      y,
      yRow: columns,
      to: plan.to,
    };
    const row = plan.depthwise && isFloat32(product) ? product : undefined;
    for (let g = 0; g < group; g++) {
      let base = (first * group + g) * channels * window.size;
      if (window.hasPadding) {
        for (let s = 0; s < samples; s++) {
          const sample = base + s * group * channels * window.size;
          copyIntoPadded(window, channels, x, sample, b, s * paddedSample);
        }
        base = 0;
      }
      const weights = g * filters * inner.length;
      const target = (first * group + g) * filters * columns;
      if (row === undefined) multiply(product, weights, base, target);
      else multiplyRow(row, weights, base, target);
    }
  }
}

/** Fills [count, channels, size] with one value a channel, or with zeros. */
export function fillChannels(y: NumberArray, bias: NumberArray | undefined, channels: number, size: number): void {
  if (bias === undefined) {
    y.fill(0);
    return;
  }
  for (let at = 0, channel = 0; at < y.length; at += size) {
    y.fill(bias[channel]!, at, at + size);
    channel = channel + 1 === channels ? 0 : channel + 1;
  }
}

const planConv = planConvolution(conv);

const convKernel: Kernel = (node, inputs, arena) => {
  const plan = planConv(node, inputs);
  const x = present(inputs, 0);
  const y = arena.tensor(x.dtype, plan.dims);
  const bias = inputs[2] && numbersOf(inputs[2]);
  fillChannels(numbersOf(y), bias, plan.filters * plan.group, plan.window.starts.length);
  convolve(plan, numbersOf(x), numbersOf(present(inputs, 1)), numbersOf(y), arena);
  roundShortFloats(y);
  return [y];
};

const planConvInteger = planConvolution(convInteger);

/** The data less their zero point, of which there is one or one for each of as many equal parts. */
function centred(data: NumberArray, zeroPoint: NumberArray | undefined, arena: Arena): Float32Array {
  const result = arena.scratch(data.length);
  const parts = zeroPoint?.length ?? 1;
  const size = data.length / parts;
  for (let part = 0; part < parts; part++) {
    const zero = zeroPoint?.[part] ?? 0;
    for (let i = part * size; i < (part + 1) * size; i++) result[i] = data[i]! - zero;
  }
  return result;
}

/**
 * The int32 sums of ConvInteger over data, weights and the zero points of both. Bytes less their zero points are exact in
 * float32, their products and sums in float64.
 */
export function convolveIntegers(node: Node, inputs: Inputs, arena: Arena): Tensor<'int32'> {
  const plan = planConvInteger(node, inputs);
  const y = arena.tensor('int32', plan.dims);
  y.data.fill(0);
  const x = centred(numbersOf(present(inputs, 0)), inputs[2] && numbersOf(inputs[2]), arena);
  const w = centred(numbersOf(present(inputs, 1)), inputs[3] && numbersOf(inputs[3]), arena);
  convolve(plan, x, w, y.data, arena);
  return y;
}

const convIntegerKernel: Kernel = (node, inputs, arena) => [convolveIntegers(node, inputs, arena)];

export const CONV_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['Conv', convKernel],
  ['ConvInteger', convIntegerKernel],
];
