import type { FloatArray } from './floats.js';

/** Takes `n` elements of x from `at` on, `step` apart, into an accumulator; `centre` is what `Reducer.centre` found. */
export type ReduceRow = (
  accumulator: number,
  x: FloatArray,
  at: number,
  step: number,
  n: number,
  centre: number,
) => number;

/** A reduction, accumulated in float64 and rounded once. */
export interface Reducer {
  readonly start: number;
  readonly row: ReduceRow;
  /** Makes the result of `count` elements. */
  readonly finish?: (accumulator: number, count: number, centre: number) => number;
  /** A reduction whose result the rows need. */
  readonly centre?: Reducer;
  /** The same on integers of 32 and 64 bits, exact. */
  readonly big?: BigReducer;
}

export interface BigReducer {
  readonly start: bigint;
  readonly step: (accumulator: bigint, value: bigint) => bigint;
  readonly finish?: (accumulator: bigint, count: bigint) => bigint;
}

const sumRow: ReduceRow = (accumulator, x, at, step, n) => {
  for (let i = 0; i < n; i++, at += step) accumulator += x[at]!;
  return accumulator;
};

const productRow: ReduceRow = (accumulator, x, at, step, n) => {
  for (let i = 0; i < n; i++, at += step) accumulator *= x[at]!;
  return accumulator;
};

const magnitudeRow: ReduceRow = (accumulator, x, at, step, n) => {
  for (let i = 0; i < n; i++, at += step) accumulator += Math.abs(x[at]!);
  return accumulator;
};

const squareRow: ReduceRow = (accumulator, x, at, step, n) => {
  for (let i = 0; i < n; i++, at += step) accumulator += x[at]! * x[at]!;
  return accumulator;
};

const exponentialRow: ReduceRow = (accumulator, x, at, step, n, centre) => {
  for (let i = 0; i < n; i++, at += step) accumulator += Math.exp(x[at]! - centre);
  return accumulator;
};

const largestRow: ReduceRow = (accumulator, x, at, step, n) => {
  for (let i = 0; i < n; i++, at += step) {
    const v = x[at]!;
    if (v > accumulator || Number.isNaN(v)) accumulator = v;
  }
  return accumulator;
};

const smallestRow: ReduceRow = (accumulator, x, at, step, n) => {
  for (let i = 0; i < n; i++, at += step) {
    const v = x[at]!;
    if (v < accumulator || Number.isNaN(v)) accumulator = v;
  }
  return accumulator;
};

const plus = (a: bigint, b: bigint): bigint => a + b;

/** NaN anywhere gives NaN. */
const largest: Reducer = {
  start: -Infinity,
  row: largestRow,
  big: { start: -(2n ** 64n), step: (a, v) => (v > a ? v : a) },
};

/** The largest element as far as it is finite, so that exp(x − centre) neither overflows nor turns into NaN. */
const finiteLargest: Reducer = { ...largest, finish: (v) => (Math.abs(v) === Infinity ? 0 : v) };

/** Reductions by operator name. */
export const REDUCERS: ReadonlyMap<string, Reducer> = new Map<string, Reducer>([
  ['ReduceSum', { start: 0, row: sumRow, big: { start: 0n, step: plus } }],
  [
    'ReduceMean',
    {
      start: 0,
      row: sumRow,
      finish: (sum, count) => sum / count,
      big: { start: 0n, step: plus, finish: (sum, count) => (count === 0n ? 0n : sum / count) },
    },
  ],
  ['ReduceProd', { start: 1, row: productRow, big: { start: 1n, step: (a, v) => BigInt.asIntN(64, a * v) } }],
  ['ReduceMax', largest],
  ['ReduceMin', { start: Infinity, row: smallestRow, big: { start: 2n ** 64n, step: (a, v) => (v < a ? v : a) } }],
  ['ReduceL1', { start: 0, row: magnitudeRow, big: { start: 0n, step: (a, v) => a + (v < 0n ? -v : v) } }],
  ['ReduceL2', { start: 0, row: squareRow, finish: Math.sqrt }],
  ['ReduceSumSquare', { start: 0, row: squareRow, big: { start: 0n, step: (a, v) => a + v * v } }],
  ['ReduceLogSum', { start: 0, row: sumRow, finish: Math.log }],
  [
    'ReduceLogSumExp',
    { start: 0, row: exponentialRow, finish: (sum, _, centre) => centre + Math.log(sum), centre: finiteLargest },
  ],
]);
