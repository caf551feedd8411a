import type { Attributes } from '../../ir/attributes.js';
import type { AxisResize } from '../../ir/ops/resize.js';
import type { AxisMap } from './axis-maps.js';

const f32 = Math.fround;

/** What every result position along one axis is made of: `count` source positions and their weights. */
export interface AxisTaps {
  readonly count: number;
  readonly index: Int32Array;
  readonly weight: Float64Array;
  /** 1 where the position lies outside the data and takes the extrapolation value. */
  readonly outside: Uint8Array;
}

/**
 * The source coordinate of result position `x` (`coordinate_transformation_mode` of Resize), rounded to float32 where
 * ONNX Runtime rounds, so that ties fall the same way.
 */
function sourceCoordinate(mode: string, x: number, input: number, axis: AxisResize): number {
  const { scale, length, size } = axis;
  switch (mode) {
    case 'asymmetric':
      return f32(x / scale);
    case 'tf_half_pixel_for_nn':
      return f32(f32(x + 0.5) / scale);
    case 'pytorch_half_pixel':
      return size > 1 ? f32(f32(f32(x + 0.5) / scale) - 0.5) : 0;
    case 'align_corners':
      return length === 1 ? 0 : f32(f32(x * (input - 1)) / f32(length - 1));
    case 'half_pixel_symmetric': {
      const offset = f32((input / 2) * f32(1 - f32(size / f32(scale * input))));
      return f32(offset + (x + 0.5) / scale - 0.5);
    }
    case 'tf_crop_and_resize': {
      const [start, end] = axis.roi;
      if (size <= 1) return f32(0.5 * (start + end) * (input - 1));
      return f32(start * (input - 1) + f32(f32(x * (end - start)) * (input - 1)) / (size - 1));
    }
    default:
      return f32(f32(f32(x + 0.5) / scale) - 0.5);
  }
}

function nearestPosition(rounding: string, coordinate: number): number {
  switch (rounding) {
    case 'floor':
      return Math.floor(coordinate);
    case 'ceil':
      return Math.ceil(coordinate);
    case 'round_prefer_ceil':
      return Math.floor(coordinate + 0.5);
    default:
      return Math.ceil(coordinate - 0.5);
  }
}

const clamp = (position: number, size: number): number => Math.min(Math.max(position, 0), size - 1);

/** For every result position along an axis of size `input` the nearest source position, -1 to extrapolate. */
export function nearestMap(attrs: Attributes, input: number, axis: AxisResize): AxisMap {
  const mode = attrs.string('coordinate_transformation_mode', 'half_pixel');
  const rounding = attrs.string('nearest_mode', 'round_prefer_floor');
  const map = new Int32Array(axis.size);
  for (let x = 0; x < map.length; x++) {
    const coordinate = sourceCoordinate(mode, x, input, axis);
    map[x] = isOutside(mode, coordinate, input) ? -1 : clamp(nearestPosition(rounding, coordinate), input);
  }
  return map;
}

const isOutside = (mode: string, coordinate: number, input: number): boolean =>
  mode === 'tf_crop_and_resize' && (coordinate < 0 || coordinate > input - 1);

/** Weight of a sample at distance `d` in units of the kernel; the kernel is 0 from its radius on. */
type Weighting = (d: number) => number;

const LINEAR: Weighting = (d) => Math.max(0, 1 - Math.abs(d));

/** Keys' cubic convolution with parameter `a`. */
function cubic(a: number): Weighting {
  return (d) => {
    const x = Math.abs(d);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  };
}

/**
 * The taps of linear and cubic interpolation along an axis of size `input`. Positions beyond the border repeat the border
 * element, or weigh nothing under `exclude_outside`. With `antialias` the kernel widens by 1 / scale when it shrinks the
 * axis, and the weights are normalised.
 */
export function interpolationTaps(attrs: Attributes, input: number, axis: AxisResize): AxisTaps {
  const mode = attrs.string('coordinate_transformation_mode', 'half_pixel');
  const isCubic = attrs.string('mode', 'nearest') === 'cubic';
  const weighting = isCubic ? cubic(attrs.float('cubic_coeff_a', -0.75)) : LINEAR;
  const excludeOutside = attrs.int('exclude_outside', 0) === 1;
  const widening = attrs.int('antialias', 0) === 1 ? Math.min(axis.scale, 1) : 1;
  const radius = isCubic ? 2 : 1;
  // Taps reach from `first` to 1 - `first` around the position at or left of the coordinate.
  const first = Math.floor(-radius / widening) + 1;
  const count = 2 - 2 * first;
  const index = new Int32Array(axis.size * count);
  const weight = new Float64Array(axis.size * count);
  const outside = new Uint8Array(axis.size);
  for (let x = 0; x < axis.size; x++) {
    const coordinate = sourceCoordinate(mode, x, input, axis);
    if (isOutside(mode, coordinate, input)) {
      outside[x] = 1;
      continue;
    }
    const left = Math.floor(coordinate);
    let total = 0;
    for (let tap = 0; tap < count; tap++) {
      const position = left + first + tap;
      const excluded = excludeOutside && (position < 0 || position >= input);
      const share = excluded ? 0 : weighting((position - coordinate) * widening);
      index[x * count + tap] = clamp(position, input);
      weight[x * count + tap] = share;
      total += share;
    }
    if (total !== 0) for (let tap = 0; tap < count; tap++) weight[x * count + tap]! /= total;
  }
  return { count, index, weight, outside };
}
