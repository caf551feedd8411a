import type { NumberArray } from '../../ir/dtype.js';
import { extentOf, type AxisWindow } from '../../ir/ops/window.js';
import { sizeOf } from '../../ir/shape.js';
import { ExecutionFault } from '../kernel.js';

/** Most elements of a padded plane. */
const MAX_PLANE = 2 ** 27;

/** The elements of one channel of one sample, and how they lie within zeros or another padding. */
export interface Plane {
  /** Sizes along three axes, and their product. */
  readonly sizes: readonly [number, number, number];
  readonly size: number;
  /** Sizes with padding, their product, and how much of the padding comes first. */
  readonly padded: readonly [number, number, number];
  readonly paddedSize: number;
  readonly before: readonly [number, number, number];
  readonly hasPadding: boolean;
}

/** Where the windows over a plane lie; offsets count within the padded plane. */
export interface WindowPlan extends Plane {
  /** Offset of every tap of the kernel from the start of a window. */
  readonly taps: Int32Array;
  /** Offset of every window, in the order of the results. */
  readonly starts: Int32Array;
}

const TRIVIAL: AxisWindow = { input: 1, kernel: 1, stride: 1, dilation: 1, padBegin: 0, padEnd: 0, output: 1 };

/** The axes as three: those of size 1 that do nothing are dropped, and as many are put in front as are missing. */
export function threeAxes(axes: readonly AxisWindow[]): [AxisWindow, AxisWindow, AxisWindow] {
  const moving = axes.filter(
    ({ input, kernel, padBegin, output }) => input !== 1 || kernel !== 1 || padBegin !== 0 || output !== 1,
  );
  const [x = TRIVIAL, y = TRIVIAL, z = TRIVIAL] = moving.toReversed();
  return [z, y, x];
}

/** @throws ExecutionFault when the padding makes the plane larger than is accepted. */
export function planPlane(
  sizes: Plane['sizes'],
  before: readonly [number, number, number],
  after: readonly [number, number, number],
): Plane {
  const along = (axis: 0 | 1 | 2): number => before[axis] + sizes[axis] + after[axis];
  const padded = [along(0), along(1), along(2)] as const;
  const paddedSize = sizeOf(padded);
  if (paddedSize > MAX_PLANE) {
    throw new ExecutionFault(
      `padding a map of ${sizes.join('x')} makes it ${padded.join('x')}, at most ${MAX_PLANE} elements are accepted`,
    );
  }
  const size = sizeOf(sizes);
  return { sizes, size, padded, paddedSize, before, hasPadding: paddedSize !== size };
}

/** Offsets start, start + step, … along each of three axes, combined in row-major order. */
export function offsets(
  counts: readonly [number, number, number],
  steps: readonly [number, number, number],
  start = 0,
): Int32Array {
  const table = new Int32Array(sizeOf(counts));
  let at = 0;
  for (let z = 0; z < counts[0]; z++) {
    for (let y = 0; y < counts[1]; y++) {
      let offset = start + z * steps[0] + y * steps[1];
      for (let x = 0; x < counts[2]; x++) {
        table[at++] = offset;
        offset += steps[2];
      }
    }
  }
  return table;
}

/** Lays the windows along the axes out over a plane. */
export function planWindows([z, y, x]: readonly [AxisWindow, AxisWindow, AxisWindow]): WindowPlan {
  const missing = ({ input, kernel, stride, dilation, padBegin, output }: AxisWindow): number =>
    Math.max((output - 1) * stride + extentOf(kernel, dilation) - padBegin - input, 0);
  const plane = planPlane(
    [z.input, y.input, x.input],
    [z.padBegin, y.padBegin, x.padBegin],
    [missing(z), missing(y), missing(x)],
  );
  const row = plane.padded[2];
  const slice = plane.padded[1] * row;
  return {
    ...plane,
    taps: offsets([z.kernel, y.kernel, x.kernel], [z.dilation * slice, y.dilation * row, x.dilation]),
    starts: offsets([z.output, y.output, x.output], [z.stride * slice, y.stride * row, x.stride]),
  };
}

/** Copies `count` planes from source[from] on into the middle of padded ones at target[to]; the padding is left alone. */
export function copyIntoPadded(
  plane: Plane,
  count: number,
  source: NumberArray,
  from: number,
  target: NumberArray,
  to: number,
): void {
  const [depth, height, width] = plane.sizes;
  const [, paddedHeight, paddedWidth] = plane.padded;
  const [front, top, left] = plane.before;
  let read = from;
  for (let i = 0; i < count; i++) {
    for (let z = 0; z < depth; z++) {
      let write = to + i * plane.paddedSize + ((front + z) * paddedHeight + top) * paddedWidth + left;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) target[write + x] = source[read + x]!;
        read += width;
        write += paddedWidth;
      }
    }
  }
}
