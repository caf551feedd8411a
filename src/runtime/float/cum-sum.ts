import { isInteger } from '../../ir/dtype.js';
import { normaliseAxis } from '../../ir/shape.js';
import type { Kernel } from '../kernel.js';
import {
  bigIntsOf,
  floatBuffer,
  floatsOf,
  storeBigInts,
  storeFloats,
  toBigInts,
  type BigIntArray,
  type FloatArray,
} from './floats.js';
import { linesAlong, type Lines } from './lines.js';
import { present, resolveDims } from './resolve.js';
import { newResult } from './results.js';
import { specOf } from './specs.js';

interface Direction {
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** Index of the first element of every line, and the distance to the next. */
function* starts({ outer, size, inner }: Lines, reverse: boolean): Generator<number> {
  const first = reverse ? (size - 1) * inner : 0;
  for (let o = 0; o < outer; o++) for (let i = 0; i < inner; i++) yield o * size * inner + i + first;
}

function sumFloats(x: FloatArray, y: FloatArray, lines: Lines, { exclusive, reverse }: Direction): void {
  const step = reverse ? -lines.inner : lines.inner;
  for (const start of starts(lines, reverse)) {
    let sum = 0;
    for (let i = 0, at = start; i < lines.size; i++, at += step) {
      const before = sum;
      sum += x[at]!;
      y[at] = exclusive ? before : sum;
    }
  }
}

function sumBig(x: BigIntArray, y: BigIntArray, lines: Lines, { exclusive, reverse }: Direction): void {
  const step = reverse ? -lines.inner : lines.inner;
  for (const start of starts(lines, reverse)) {
    let sum = 0n;
    for (let i = 0, at = start; i < lines.size; i++, at += step) {
      const before = sum;
      sum += x[at]!;
      y[at] = exclusive ? before : sum;
    }
  }
}

/** CumSum: running sums, in float64 for floats and exact for integers, which wrap. */
export const cumSumKernel: Kernel = (node, inputs, arena) => {
  resolveDims(specOf('CumSum'), node, inputs);
  const x = present(inputs, 0);
  const lines = linesAlong(x.dims, normaliseAxis(Number(present(inputs, 1).data[0]), x.rank)!);
  const direction = {
    exclusive: node.attrs.int('exclusive', 0) === 1,
    reverse: node.attrs.int('reverse', 0) === 1,
  };
  const result = newResult(node, arena, x.dims);
  if (isInteger(x.dtype)) {
    const y = bigIntsOf(result) ?? new BigInt64Array(result.size);
    sumBig(toBigInts(x), y, lines, direction);
    storeBigInts(result, y);
  } else {
    const y = floatBuffer(result);
    sumFloats(floatsOf(x), y, lines, direction);
    storeFloats(result, y);
  }
  return [result];
};
