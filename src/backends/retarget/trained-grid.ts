import { bitsOf, integerRange, type DType } from '../../ir/dtype.js';
import { numberData, type Tensor } from '../../ir/tensor.js';
import type { Range } from '../../passes/calibration/observers/observer.js';

/** How a model quantises a tensor: real = scale · (integer - zeroPoint), integers lo … hi. */
export interface TrainedGrid {
  readonly scale: number;
  readonly zeroPoint: number;
  readonly lo: number;
  readonly hi: number;
}

/** The integers that the weights of a layer were trained as. */
export interface TrainedWeights {
  /** One for all output channels, or in whatever order the model has them. */
  readonly scales: readonly number[];
  /** Largest magnitude of (integer - zero point); Infinity where it is not known. */
  readonly peak: number;
}

/** What the integers of a grid reach. */
export const gridRange = ({ scale, zeroPoint, lo, hi }: TrainedGrid): Range => ({
  min: scale * (lo - zeroPoint),
  max: scale * (hi - zeroPoint),
});

/** Width of a grid's integers. */
export const gridBits = ({ lo, hi }: TrainedGrid): number => Math.round(Math.log2(hi - lo + 1));

/** Whether both say the same of every integer. */
export const sameGrid = (a: TrainedGrid, b: TrainedGrid): boolean => a.scale === b.scale && a.zeroPoint === b.zeroPoint;

/**
 * The grid of the integers of a type; of several scales, one a channel or a block, the grid that reaches as far as all of
 * them do. Undefined where a scale is no positive number.
 */
export function gridOf(dtype: DType, scale: Tensor, zeroPoint: Tensor | undefined): TrainedGrid | undefined {
  const scales = scale.toNumbers();
  const zeros = zeroPoint?.toNumbers() ?? [0];
  if (!scales.every((each) => each > 0 && Number.isFinite(each))) return undefined;
  const { lo, hi } = integerRange(dtype);
  const [first = 1] = scales;
  const [zero = 0] = zeros;
  if (scales.length === 1) return { scale: first, zeroPoint: zero, lo, hi };
  const ranges = scales.map((each, i) => gridRange({ scale: each, zeroPoint: zeros[i] ?? zero, lo, hi }));
  return coveringGrid(
    { min: Math.min(...ranges.map(({ min }) => min)), max: Math.max(...ranges.map(({ max }) => max)) },
    lo,
    hi,
  );
}

/** The grid of integers lo … hi that reaches just as far as a range. */
export function coveringGrid({ min, max }: Range, lo: number, hi: number): TrainedGrid {
  const scale = (max - min) / (hi - lo);
  return { scale, zeroPoint: lo - min / scale, lo, hi };
}

/** What DequantizeLinear of constant weights says of them. */
export function trainedWeights(integers: Tensor, scale: Tensor, zeroPoint: Tensor | undefined): TrainedWeights {
  const zeros = zeroPoint?.toNumbers() ?? [0];
  const [least, most] = [Math.min(...zeros), Math.max(...zeros)];
  let peak = 0;
  for (const q of numberData(integers) ?? []) peak = Math.max(peak, q - least, most - q);
  return { scales: scale.toNumbers().map(Math.abs), peak: bitsOf(integers.dtype) > 8 ? Infinity : peak };
}

/** The grid that reaches as far as both of them: one of the two where that does. */
export function unionGrid(a: TrainedGrid, b: TrainedGrid): TrainedGrid {
  const [own, other] = [gridRange(a), gridRange(b)];
  if (other.min >= own.min && other.max <= own.max) return a;
  if (own.min >= other.min && own.max <= other.max) return b;
  return coveringGrid({ min: Math.min(own.min, other.min), max: Math.max(own.max, other.max) }, a.lo, a.hi);
}
