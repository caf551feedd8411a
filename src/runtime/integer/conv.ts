import { numberData } from '../../ir/tensor.js';
import type { Window } from '../../ir/ops/quantised/facts.js';
import { windowOf } from '../../ir/ops/quantised/facts.js';
import type { NumberArray } from '../../ir/dtype.js';
import type { Kernel } from '../kernel.js';
import { accumulate, makeTaps, type Taps } from './axpy.js';

/** One axis of a sliding window: sizes of the map, the output, the kernel and how it moves. */
export interface Axis {
  readonly size: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

/** The two spatial axes; a map one element wide is turned so that the long axis is the inner one. */
export function spatialAxes(dims: readonly number[], outputs: readonly number[], window: Window): [Axis, Axis] {
  const axis = (at: 0 | 1): Axis => ({
    size: dims[at + 2] ?? 1,
    output: outputs[at] ?? 1,
    kernel: window.kernel[at],
    stride: window.strides[at],
    dilation: window.dilations[at],
    pad: window.pads[at],
  });
  const rows = axis(0);
  const columns = axis(1);
  return columns.size === 1 && columns.kernel === 1 && columns.output === 1 ? [columns, rows] : [rows, columns];
}

/** Outputs first … last - 1 whose window element `tap` lies inside the map. */
export function inside({ size, output, stride, dilation, pad }: Axis, tap: number): [first: number, last: number] {
  const offset = tap * dilation - pad;
  const first = offset >= 0 ? 0 : Math.ceil(-offset / stride);
  const last = Math.min(output, Math.floor((size - 1 - offset) / stride) + 1);
  return [first, Math.max(first, last)];
}

export const outputSize = (size: number, kernel: number, stride: number, dilation: number, pads: number): number =>
  Math.floor((size + pads - (kernel - 1) * dilation - 1) / stride) + 1;

/** Output map of a window that slides over [N, C, H, W]. */
export function outputMap(dims: readonly number[], { kernel, strides, dilations, pads }: Window): [number, number] {
  const [, , height = 1, width = 1] = dims;
  return [
    outputSize(height, kernel[0], strides[0], dilations[0], pads[0] + pads[2]),
    outputSize(width, kernel[1], strides[1], dilations[1], pads[1] + pads[3]),
  ];
}

/** `q.Conv`, exact as long as the accumulator analysis bounds every sum by 32 bits. */
export const conv: Kernel = (node, [x, w], arena) => {
  const { dims } = x!;
  const [channelsOut = 0, perGroup = 0, ...kernel] = w!.dims;
  const window = windowOf(node.attrs, kernel);
  const group = node.attrs.int('group');
  const map = outputMap(dims, window);
  const result = arena.tensor('int32', [dims[0]!, channelsOut, ...map]);
  result.data.fill(0);
  const axes = spatialAxes(dims, map, window);
  const taps = makeTaps(perGroup * kernel[0]! * kernel[1]!);
  const from = numberData(x!)!;
  const weights = numberData(w!)!;
  const plane = axes[0].size * axes[1].size;
  const outPlane = axes[0].output * axes[1].output;
  const weightSize = perGroup * kernel[0]! * kernel[1]!;
  for (let n = 0; n < dims[0]!; n++) {
    for (let m = 0; m < channelsOut; m++) {
      const channel = Math.floor(m / (channelsOut / group)) * perGroup;
      const source = (n * dims[1]! + channel) * plane;
      convolvePlane(
        result.data,
        (n * channelsOut + m) * outPlane,
        from,
        source,
        plane,
        weights,
        m * weightSize,
        perGroup,
        axes,
        taps,
      );
    }
  }
  return [result];
};

/** Adds one output channel of one sample. */
function convolvePlane(
  into: Int32Array,
  at: number,
  from: NumberArray,
  source: number,
  plane: number,
  weights: NumberArray,
  weightAt: number,
  channels: number,
  [outer, inner]: readonly [Axis, Axis],
  taps: Taps,
): void {
  const kernelSize = outer.kernel * inner.kernel;
  for (let column = 0; column < inner.kernel; column++) {
    const [first, last] = inside(inner, column);
    if (first === last) continue;
    const columnStart = first * inner.stride + column * inner.dilation - inner.pad;
    for (let row = 0; row < outer.output; row++) {
      taps.count = 0;
      for (let tap = 0; tap < outer.kernel; tap++) {
        const y = row * outer.stride + tap * outer.dilation - outer.pad;
        if (y < 0 || y >= outer.size) continue;
        const start = source + y * inner.size + columnStart;
        const weight = weightAt + tap * inner.kernel + column;
        for (let c = 0; c < channels; c++) {
          const value = weights[weight + c * kernelSize]!;
          if (value === 0) continue;
          taps.weights[taps.count] = value;
          taps.starts[taps.count++] = start + c * plane;
        }
      }
      accumulate(into, at + row * inner.output + first, last - first, from, inner.stride, taps);
    }
  }
}
