import { normaliseAxis } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import { floatBuffer, floatsOf, storeFloats, type FloatArray } from './floats.js';
import { linesAlong } from './lines.js';
import { present } from './resolve.js';
import { newResult } from './results.js';

/** Computes the line of `n` elements, `step` apart, that begins at `at`; `line` is room for n numbers. */
type LineFunction = (x: FloatArray, y: FloatArray, at: number, step: number, n: number, line: Float64Array) => void;

function largest(x: FloatArray, at: number, step: number, n: number): number {
  let max = -Infinity;
  for (let i = 0; i < n; i++) max = Math.max(max, x[at + i * step]!);
  return max;
}

/** Writes exp(x − max) to `line` and returns the sum. */
function exponentials(x: FloatArray, at: number, step: number, n: number, max: number, line: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const e = Math.exp(x[at + i * step]! - max);
    line[i] = e;
    sum += e;
  }
  return sum;
}

const softmax: LineFunction = (x, y, at, step, n, line) => {
  const sum = exponentials(x, at, step, n, largest(x, at, step, n), line);
  for (let i = 0; i < n; i++) y[at + i * step] = line[i]! / sum;
};

const logSoftmax: LineFunction = (x, y, at, step, n, line) => {
  const max = largest(x, at, step, n);
  const logSum = Math.log(exponentials(x, at, step, n, max, line));
  for (let i = 0; i < n; i++) y[at + i * step] = x[at + i * step]! - max - logSum;
};

/** 1 at the first of the largest elements, 0 elsewhere. */
const hardmax: LineFunction = (x, y, at, step, n) => {
  let best = 0;
  for (let i = 0; i < n; i++) {
    y[at + i * step] = 0;
    if (x[at + i * step]! > x[at + best * step]!) best = i;
  }
  y[at + best * step] = 1;
};

function alongAxis(run: LineFunction): Kernel {
  return (node, inputs, arena) => {
    const x = present(inputs, 0);
    const { outer, size, inner } = linesAlong(x.dims, normaliseAxis(node.attrs.int('axis', -1), x.rank)!);
    const result = newResult(node, arena, x.dims);
    const values = floatBuffer(result);
    if (size > 0) {
      const source = floatsOf(x);
      const line = new Float64Array(size);
      for (let o = 0; o < outer; o++) {
        for (let i = 0; i < inner; i++) run(source, values, o * size * inner + i, inner, size, line);
      }
    }
    storeFloats(result, values);
    return [result];
  };
}

/** Softmax, LogSoftmax and Hardmax along one axis; sums are taken in float64. */
export const SOFTMAX_KERNELS: readonly (readonly [string, Kernel])[] = [
  ['Softmax', alongAxis(softmax)],
  ['LogSoftmax', alongAxis(logSoftmax)],
  ['Hardmax', alongAxis(hardmax)],
];
