import { stridesOf } from '../../ir/shape.js';
import type { BinaryLoop } from './binary-loops.js';
import type { FloatArray } from './floats.js';
import { mergeAxes, Walk } from './walk.js';

/** Operands broadcast to a common shape, visited row by row of the result. */
export interface Rows {
  /** Elements of a row. */
  readonly length: number;
  /** Distance between neighbours of a row, for each operand. */
  readonly steps: readonly number[];
  /** Where the current row begins in each operand; the rows of the result follow each other. */
  readonly walk: Walk;
}

/**
 * The fewest rows that cover operands of the given strides: one when they have one shape or are single elements, one
 * for each channel of a bias. No size may be 0.
 */
export function rowsOf(sizes: readonly number[], strides: readonly (readonly number[])[]): Rows {
  const axes = mergeAxes(sizes, strides);
  const row = axes.pop() ?? { size: 1, steps: strides.map(() => 0) };
  return { length: row.size, steps: row.steps, walk: new Walk(axes, strides.length) };
}

/** Rows of operands of the given sizes under the shape `dims` that they broadcast to; undefined when it has no elements. */
export function broadcastRows(dims: readonly number[], operands: readonly (readonly number[])[]): Rows | undefined {
  if (dims.includes(0)) return undefined;
  return rowsOf(
    dims,
    operands.map((operand) => broadcastStrides(operand, dims)),
  );
}

/** Strides of a tensor of `dims` seen under the shape `target` that it broadcasts to. */
export function broadcastStrides(dims: readonly number[], target: readonly number[]): number[] {
  const own = stridesOf(dims);
  const added = target.length - dims.length;
  return target.map((_, axis) => (axis < added || dims[axis - added] === 1 ? 0 : own[axis - added]!));
}

/** Runs `loop` on every row. */
export function runRows(loop: BinaryLoop, rows: Rows, a: FloatArray, b: FloatArray, y: FloatArray): void {
  const { length, walk } = rows;
  const [aStep, bStep] = rows.steps as readonly [number, number];
  let at = 0;
  do {
    loop(a, walk.offsets[0]!, aStep, b, walk.offsets[1]!, bStep, y, at, length);
    at += length;
  } while (walk.next());
}

/** As `runRows` for a function of two elements of any type; `store` takes the elements of the result in order. */
export function mapRows<T, R>(
  f: (a: T, b: T) => R,
  rows: Rows,
  a: ArrayLike<T>,
  b: ArrayLike<T>,
  store: (at: number, value: R) => void,
): void {
  const { length, walk } = rows;
  const [aStep, bStep] = rows.steps as readonly [number, number];
  let at = 0;
  do {
    const aStart = walk.offsets[0]!;
    const bStart = walk.offsets[1]!;
    for (let i = 0; i < length; i++) store(at++, f(a[aStart + i * aStep]!, b[bStart + i * bStep]!));
  } while (walk.next());
}
