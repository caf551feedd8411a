import { InternalError } from '../../ir/diagnostics.js';
import { convFacts } from '../../ir/ops/conv.js';
import { convTransposeFacts, transposeAxes } from '../../ir/ops/conv-transpose.js';
import { slideAxes, type AxisWindow, type NodeFacts } from '../../ir/ops/window.js';
import { sizeOf } from '../../ir/shape.js';

/**
 * The vectors whose products with the weights of an output channel are the elements of a linear layer's result. A group of
 * channels shares one vector of `taps` elements; its order is [channel of the group, ...kernel].
 */
export interface PatchPlan {
  readonly groups: number;
  readonly taps: number;
  readonly samples: number;
  /** Output positions of one sample. */
  readonly positions: number;
  /**
   * Writes element `tap` of group `group` at target[(group · taps + tap) · stride + column]; elements in the padding, and
   * those that no datum of a transposed convolution reaches, are 0.
   */
  readonly copy: (
    x: Float32Array,
    sample: number,
    position: number,
    target: Float64Array,
    column: number,
    stride: number,
  ) => void;
}

/**
 * The patches of a Conv [M, C/group, ...], ConvTranspose [C, M/group, ...] or of a plain Gemm or MatMul [K, M] on data of
 * the dims `x`.
 * @throws OperatorFault when data and weights do not fit, InternalError for another operator.
 */
export function planPatches(node: NodeFacts, x: readonly number[], w: readonly number[]): PatchPlan {
  switch (node.op) {
    case 'Conv': {
      const facts = convFacts(node, x, w);
      const axes = slideAxes(node, facts.window, x.slice(2), w.slice(2));
      return spatialPlan(x, facts.group, w[1] ?? 1, axes, seenByConv);
    }
    case 'ConvTranspose': {
      const facts = convTransposeFacts(node, x, w);
      const axes = transposeAxes(node, facts, x.slice(2), w.slice(2));
      return spatialPlan(x, facts.group, (w[0] ?? 1) / facts.group, axes, seenByConvTranspose);
    }
    case 'Gemm':
    case 'MatMul':
      return rowPlan(x);
    default:
      throw new InternalError(`${node.op} has no patches`);
  }
}

type Seen = (axis: AxisWindow, output: number, tap: number) => number;

const seenByConv: Seen = ({ stride, dilation, padBegin }, output, tap) => output * stride - padBegin + tap * dilation;

/** Result o sees datum i through tap k when o + padBegin = i · stride + k · dilation. */
const seenByConvTranspose: Seen = ({ stride, dilation, padBegin }, output, tap) =>
  (output + padBegin - tap * dilation) / stride;

function spatialPlan(
  x: readonly number[],
  groups: number,
  channels: number,
  axes: readonly AxisWindow[],
  seen: Seen,
): PatchPlan {
  const kernel = sizeOf(axes.map((axis) => axis.kernel));
  const plane = sizeOf(x.slice(2));
  const taps = channels * kernel;
  const planes = groups * channels;
  const offsets = new Int32Array(kernel);
  return {
    groups,
    taps,
    samples: x[0] ?? 0,
    positions: sizeOf(axes.map((axis) => axis.output)),
    copy: (data, sample, position, target, column, stride) => {
      locate(axes, seen, position, offsets);
      const start = sample * planes * plane;
      let at = column;
      for (let channel = 0; channel < planes; channel++) {
        const base = start + channel * plane;
        for (const offset of offsets) {
          target[at] = offset < 0 ? 0 : (data[base + offset] ?? 0);
          at += stride;
        }
      }
    },
  };
}

/** Offset within a plane of what an output position sees through each tap of the kernel; -1 where it sees nothing. */
function locate(axes: readonly AxisWindow[], seen: Seen, position: number, offsets: Int32Array): void {
  offsets.fill(0);
  let rest = position;
  let plane = 1;
  let inner = 1;
  for (const axis of axes.toReversed()) {
    const output = rest % axis.output;
    rest = (rest - output) / axis.output;
    for (let i = 0; i < offsets.length; i++) {
      const index = seen(axis, output, Math.floor(i / inner) % axis.kernel);
      const before = offsets[i] ?? -1;
      const inside = before >= 0 && Number.isInteger(index) && index >= 0 && index < axis.input;
      offsets[i] = inside ? before + index * plane : -1;
    }
    plane *= axis.input;
    inner *= axis.kernel;
  }
}

function rowPlan(x: readonly number[]): PatchPlan {
  const taps = x.at(-1) ?? 1;
  const samples = x.length > 1 ? (x[0] ?? 0) : 1;
  const positions = sizeOf(x.slice(1, -1));
  return {
    groups: 1,
    taps,
    samples,
    positions,
    copy: (data, sample, position, target, column, stride) => {
      const base = (sample * positions + position) * taps;
      for (let tap = 0; tap < taps; tap++) target[tap * stride + column] = data[base + tap] ?? 0;
    },
  };
}
