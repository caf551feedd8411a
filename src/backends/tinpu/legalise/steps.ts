import type { LayerShape } from '../placement/layer.js';
import { extentOf, reshaped, type Form } from './form.js';

type Pair = readonly [number, number];

export type StepName =
  | 'trim-kernel'
  | 'respell-idle-window'
  | 'grow-pointwise-kernel'
  | 'swap-spatial-axes'
  | 'widen-channels'
  | 'fold-stride-into-channels';

/** A change of form; undefined where it does not apply. */
export type Step = (form: Form) => Form | undefined;

/** Every change of form. */
export const STEPS: Readonly<Record<StepName, Step>> = {
  'trim-kernel': trimKernel,
  'respell-idle-window': respellIdleWindow,
  'grow-pointwise-kernel': growKernel,
  'swap-spatial-axes': swapAxes,
  'widen-channels': widenChannels,
  'fold-stride-into-channels': foldStride,
};

export const multipleOf4 = (n: number): number => Math.ceil(n / 4) * 4;

/** Zero taps at the edges go, together with the padding they met, as long as windows stay where they are. */
function trimKernel(form: Form): Form | undefined {
  const { shape, pads, zeroTaps } = form;
  const most = (side: 0 | 1 | 2 | 3): number =>
    Math.min(zeroTaps[side], Math.floor(pads[side] / dilationOf(shape, side)));
  const cut = [most(0), most(1), most(2), most(3)] as const;
  const [top, left, bottom, right] = cut;
  if (top + left + bottom + right === 0) return undefined;
  const kernel: Pair = [shape.kernel[0] - top - bottom, shape.kernel[1] - left - right];
  const less = (side: 0 | 1 | 2 | 3): number => pads[side] - cut[side] * dilationOf(shape, side);
  const [t, l, b, r] = zeroTaps;
  return reshaped(
    form,
    { kernel },
    { pads: [less(0), less(1), less(2), less(3)], zeroTaps: [t - top, l - left, b - bottom, r - right] },
  );
}

const dilationOf = ({ dilations }: LayerShape, side: number): number => dilations[side % 2 === 0 ? 0 : 1];

/** Strides that the rules of every pattern, or all but those of pointwise kernels, take (spec 2.2). */
const COMMON_STRIDES: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [2, 1],
];

/**
 * Along an axis with a single window any stride will do that leaves it single. Along a side of the kernel with a single
 * tap any dilation will do.
 */
function respellIdleWindow(form: Form): Form | undefined {
  const { strides, dilations, kernel } = form.shape;
  const spread: Pair = [kernel[0] === 1 ? 1 : dilations[0], kernel[1] === 1 ? 1 : dilations[1]];
  const single = (axis: 0 | 1, changed: Form): boolean => extentOf(form, axis) === 1 && extentOf(changed, axis) === 1;
  const stepped =
    COMMON_STRIDES.find((pair) => {
      const changed = reshaped(form, { strides: pair });
      return ([0, 1] as const).every((axis) => pair[axis] === strides[axis] || single(axis, changed));
    }) ?? strides;
  if (samePair(spread, dilations) && samePair(stepped, strides)) return undefined;
  return reshaped(form, { dilations: spread, strides: stepped });
}

const samePair = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1];

/**
 * A pointwise convolution of one channel, or with strides, becomes one of two taps, of which the lower is 0 and meets
 * padding at most.
 */
function growKernel(form: Form): Form | undefined {
  const { shape, pads, zeroTaps } = form;
  const strided = shape.strides.some((stride) => stride > 1);
  if (shape.pattern !== 'PWCONV' || (shape.inputChannels !== 1 && !strided)) return undefined;
  return reshaped(
    form,
    { kernel: [2, 1], dilations: [1, 1] },
    { pads: [pads[0], pads[1], pads[2] + 1, pads[3]], zeroTaps: [zeroTaps[0], zeroTaps[1], 1, zeroTaps[3]] },
  );
}

/** Height and width change places where one of them is 1, which moves no element in memory. */
function swapAxes(form: Form): Form | undefined {
  const { shape, pads, map, zeroTaps } = form;
  if (shape.pattern === 'PWCONVRES' || !map.includes(1) || extentOf(form, map[0] === 1 ? 0 : 1) !== 1) return undefined;
  const swapped = ([a, b]: Pair): Pair => [b, a];
  return reshaped(
    form,
    { kernel: swapped(shape.kernel), strides: swapped(shape.strides), dilations: swapped(shape.dilations) },
    {
      map: [map[1], map[0]],
      pads: [pads[1], pads[0], pads[3], pads[2]],
      zeroTaps: [zeroTaps[1], zeroTaps[0], zeroTaps[3], zeroTaps[2]],
    },
  );
}

/** Channels of zeros up to multiples of 4. A residual addition and what it adds would have to be widened as well. */
function widenChannels(form: Form): Form | undefined {
  const { shape } = form;
  const { inputChannels, outputChannels, groups, pattern } = shape;
  const wideInput = pattern === 'FCONV' ? inputChannels : multipleOf4(inputChannels);
  const wideOutput = pattern === 'PWCONVRES' ? outputChannels : multipleOf4(outputChannels);
  if (inputChannels === 0 || (wideInput === inputChannels && wideOutput === outputChannels)) return undefined;
  if (groups === 1) return reshaped(form, { inputChannels: wideInput, outputChannels: wideOutput });
  if (pattern !== 'DWCONV') return undefined;
  return reshaped(form, { inputChannels: wideInput, outputChannels: wideInput, groups: wideInput });
}

/** Rows that a stride of s visits in turn become channels: s times the channels, a kernel s times as short, stride 1. */
function foldStride(form: Form): Form | undefined {
  const { shape, map } = form;
  const [stride, across] = shape.strides;
  const extent = extentOf(form, 0);
  const foldable = stride > 1 && shape.groups === 1 && shape.dilations[0] === 1 && shape.pattern !== 'PWCONVRES';
  if (!foldable || extent === undefined || typeof map[1] !== 'number') return undefined;
  const height = Math.ceil(shape.kernel[0] / stride);
  return reshaped(
    form,
    {
      inputChannels: shape.inputChannels * stride,
      kernel: [height, shape.kernel[1]],
      strides: [1, across],
    },
    { map: [extent + height - 1, map[1]], pads: [0, form.pads[1], 0, form.pads[3]], zeroTaps: [0, 0, 0, 0] },
  );
}
