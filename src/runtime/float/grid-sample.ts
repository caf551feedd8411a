import type { NumberArray } from '../../ir/dtype.js';
import { gridSample } from '../../ir/ops/grid-sample.js';
import type { Kernel } from '../kernel.js';
import { numbersOf, roundShortFloats } from './buffers.js';
import { roundHalfEven } from './floats.js';
import { present, resolveDims } from './resolve.js';

type Padding = 'zeros' | 'border' | 'reflection';

/** Mirrors a place at `low` and `high` as often as it takes. */
function reflect(place: number, low: number, high: number): number {
  const range = high - low;
  if (range <= 0) return low;
  const distance = Math.abs(place - low);
  const within = distance % range;
  return Math.floor(distance / range) % 2 === 0 ? low + within : high - within;
}

/** Brings a place onto an axis of `size` elements, which reaches from `low` to `high`; zeros stay outside. */
function pad(place: number, size: number, padding: Padding, low: number, high: number): number {
  if (padding === 'zeros' || (place >= low && place <= high)) return place;
  return padding === 'border' ? Math.min(Math.max(place, 0), size - 1) : reflect(place, low, high);
}

/** Weights of the four neighbours of a place `t` behind the second one: cubic convolution with a = -0.75. */
function cubicWeights(t: number): readonly number[] {
  const a = -0.75;
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  const far = (d: number): number => ((d - 5) * d + 8) * d * a - 4 * a;
  return [far(t + 1), near(t), near(1 - t), far(2 - t)];
}

/** The neighbours along one axis that a sample is made of. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

function tapsAt(place: number, mode: string): Taps {
  if (mode === 'nearest') return { first: roundHalfEven(place), weights: [1] };
  const first = Math.floor(place);
  if (mode === 'linear') return { first, weights: [first + 1 - place, place - first] };
  return { first: first - 1, weights: cubicWeights(place - first) };
}

/** One axis of the data and the places that coordinates -1 and 1 stand for. */
interface Axis {
  readonly size: number;
  readonly low: number;
  readonly high: number;
}

const axisOf = (size: number, aligned: boolean): Axis =>
  aligned ? { size, low: 0, high: size - 1 } : { size, low: -0.5, high: size - 0.5 };

function sample(
  x: NumberArray,
  from: number,
  [rows, columns]: readonly [Axis, Axis],
  [down, across]: readonly [Taps, Taps],
  padding: Padding,
): number {
  const index = (place: number, { size, low, high }: Axis): number => {
    const padded = Math.trunc(pad(place, size, padding, low, high));
    return padded >= 0 && padded < size ? padded : -1;
  };
  let sum = 0;
  for (let i = 0; i < down.weights.length; i++) {
    const row = index(down.first + i, rows);
    if (row < 0) continue;
    for (let j = 0; j < across.weights.length; j++) {
      const column = index(across.first + j, columns);
      if (column >= 0) sum += down.weights[i]! * across.weights[j]! * x[from + row * columns.size + column]!;
    }
  }
  return sum;
}

/**
 * Places and weights are float64, samples round once. Places beyond the border are padded, but for cubic samples, then
 * neighbours beyond it one by one.
 */
const kernel: Kernel = (node, inputs, arena) => {
  const [dims = []] = resolveDims(gridSample, node, inputs);
  const tensor = present(inputs, 0);
  const result = arena.tensor(tensor.dtype, dims);
  const [x, grid, y] = [numbersOf(tensor), numbersOf(present(inputs, 1)), numbersOf(result)];
  const mode = node.attrs.string('mode', 'linear');
  const padding = node.attrs.string('padding_mode', 'zeros') as Padding;
  const aligned = node.attrs.int('align_corners', 0) === 1;
  const [batch = 0, channels = 0, height = 0, width = 0] = dims;
  const rows = axisOf(tensor.dims[2]!, aligned);
  const columns = axisOf(tensor.dims[3]!, aligned);
  const tapsOf = (coordinate: number, { size, low, high }: Axis): Taps => {
    const place = low + ((coordinate + 1) / 2) * (high - low);
    if (mode === 'cubic') return tapsAt(place, mode);
    const rounded = mode === 'nearest' ? roundHalfEven(place) : place;
    return tapsAt(pad(rounded, size, padding, low, high), mode);
  };
  const area = height * width;
  const plane = rows.size * columns.size;
  for (let at = 0; at < batch * area; at++) {
    const taps = [tapsOf(grid[2 * at + 1]!, rows), tapsOf(grid[2 * at]!, columns)] as const;
    const image = Math.floor(at / area) * channels;
    for (let c = 0; c < channels; c++) {
      y[(image + c) * area + (at % area)] = sample(x, (image + c) * plane, [rows, columns], taps, padding);
    }
  }
  roundShortFloats(result);
  return [result];
};

export const GRID_SAMPLE_KERNELS: readonly (readonly [string, Kernel])[] = [['GridSample', kernel]];
